"""ID tokens read and, now and then, verified by the OP's published keys."""

import base64
import json

from client import FlowError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(s):
    return base64.urlsafe_b64decode(s + "=" * (-len(s) % 4))


class Keys:
    """The OP's JWKS, for the sampled signature checks."""

    def __init__(self, jwks):
        self.keys = []
        for k in jwks["keys"]:
            num = {
                f: int.from_bytes(unb64(k[f]), "big")
                for f in ("n", "e", "x", "y")
                if f in k
            }
            if k["kty"] == "RSA":
                pub = rsa.RSAPublicNumbers(num["e"], num["n"]).public_key()
            elif k["kty"] == "EC" and k["crv"] == "P-256":
                pub = ec.EllipticCurvePublicNumbers(
                    num["x"], num["y"], ec.SECP256R1()
                ).public_key()
            else:
                continue
            self.keys.append((k.get("kid"), k["kty"], pub))

    def verify(self, token):
        h, p, s = token.split(".")
        header, sig, msg = json.loads(unb64(h)), unb64(s), f"{h}.{p}".encode()
        want = {"RS256": "RSA", "ES256": "EC"}[header["alg"]]
        for kid, kty, pub in self.keys:
            if kty != want or (header.get("kid") and kid and header["kid"] != kid):
                continue
            try:
                if want == "RSA":
                    pub.verify(sig, msg, padding.PKCS1v15(), hashes.SHA256())
                else:
                    der = utils.encode_dss_signature(
                        int.from_bytes(sig[:32], "big"), int.from_bytes(sig[32:], "big")
                    )
                    pub.verify(der, msg, ec.ECDSA(hashes.SHA256()))
                return header["alg"]
            except InvalidSignature:
                continue
        raise FlowError("bad ID token signature")
