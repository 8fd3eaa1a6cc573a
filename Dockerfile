# The bridge as an image. Another base, such as one of your own: --build-arg PYTHON_IMAGE=...
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
RUN python3 -m venv /opt/bridge
COPY requirements.lock ./
RUN /opt/bridge/bin/pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bridge bridge
# What builds the package is locked, too, and stays behind.
RUN /opt/bridge/bin/pip install --no-cache-dir --disable-pip-version-check \
        --no-deps --no-build-isolation . \
    && /opt/bridge/bin/pip uninstall --yes --quiet \
        hatchling editables pathspec pluggy trove-classifiers

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 bridge \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/bridge \
        --shell /usr/sbin/nologin bridge \
    && install -d -m 0700 -o bridge -g bridge /var/lib/bridge \
    && install -d /etc/bridge
COPY --from=build /opt/bridge /opt/bridge
# The root file system may be read-only: only /var/lib/bridge is written to, and /tmp
# by `demo`. The configuration is /etc/bridge/bridge.toml. Never publish port 9090.
ENV PATH=/opt/bridge/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BRIDGE_SERVER__LISTEN=0.0.0.0:8080 \
    BRIDGE_SERVER__MANAGEMENT_LISTEN=0.0.0.0:9090 \
    BRIDGE_STORE__URL=sqlite:////var/lib/bridge/bridge.db \
    BRIDGE_KEYS__DIRECTORY=/var/lib/bridge/keys
USER 10001:10001
WORKDIR /var/lib/bridge
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s CMD ["bridge", "healthcheck"]
ENTRYPOINT ["bridge"]
CMD ["serve"]
