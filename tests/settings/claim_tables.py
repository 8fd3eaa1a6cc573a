"""Tables of claims and a client, for the tests of both."""

CLIENT = """
[[clients]]
client_id = "desk"
client_secret_sha256 = "{digest}"
redirect_uris = ["https://desk.example/"]
""".format(digest="a" * 64)
WITH_SCOPE = f'{CLIENT}scope = "openid profile rero card"\n'
CARD = '[claims.card]\nsource = "barcode"\nscopes = ["card"]\n'
HOMES = '[tables.homes]\ntexts = { VS = "Valais", rbnj = "Neuchâtel" }\n'
