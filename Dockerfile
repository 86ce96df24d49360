# Serves the API: PostgreSQL and Redis are elsewhere. Runs as nobody in particular, and writes no file:
#   docker run --read-only -e ALMANAC_DATABASE_URL=postgresql://... -p 8000:8000 almanac
# With an extra: docker build --build-arg REQUIREMENTS=traces (or bulk; or s3, which has bulk as well)

FROM python:3.13-slim-bookworm AS build
ARG REQUIREMENTS=serve
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source
COPY requirements/ requirements/
RUN python -m venv --without-pip /opt/almanac \
 && python -m pip --python /opt/almanac/bin/python install --require-hashes --no-deps --only-binary :all: -r requirements/${REQUIREMENTS}.txt
RUN python -m venv --without-pip /build \
 && python -m pip --python /build/bin/python install --require-hashes --no-deps --only-binary :all: -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY src/ src/
COPY sql/ sql/
COPY openapi/ openapi/
RUN /build/bin/hatchling build --target wheel --directory /dist \
 && python -m pip --python /opt/almanac/bin/python install --no-deps --no-index /dist/*.whl

FROM python:3.13-slim-bookworm
RUN python -m pip uninstall --yes --root-user-action=ignore pip
COPY --from=build /opt/almanac /opt/almanac
ENV PATH=/opt/almanac/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ALMANAC_HOST=0.0.0.0 \
    ALMANAC_PORT=8000
USER 10001:10001
WORKDIR /
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['ALMANAC_PORT'] + '/livez', timeout=2)"]
CMD ["almanac", "serve"]
