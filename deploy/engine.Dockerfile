# The engine (Rasa), with the encoder and a trained model inside. Never expose its port. From the root:
#   docker build -f deploy/engine.Dockerfile -t parley-engine .
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy \
    RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=2
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* && pip install --no-cache-dir uv==0.13.8
WORKDIR /parley
COPY engine/pyproject.toml engine/uv.lock engine/
RUN uv sync --frozen --no-dev --project engine
ENV PATH=/parley/engine/.venv/bin:$PATH
COPY engine engine
RUN python -m engine.export_encoder models/encoder
COPY domain.yml config.yml endpoints.yml credentials.yml ./
COPY data data
RUN rasa train --fixed-model-name parley --out models \
    && useradd --create-home parley && chown -R parley models
USER parley
CMD ["rasa", "run", "--enable-api", "-i", "0.0.0.0", "-p", "5005", \
     "--endpoints", "endpoints.yml", "--credentials", "credentials.yml", "-m", "models/parley.tar.gz"]
