# Everything a study needs, with the libraries of the lock.
#   mkdir -p out   # a folder that Docker makes by itself belongs to root
#   docker build --build-arg OWNER="$(id -u)" -t evaluation .
#   docker run --rm -v "$PWD/out:/work/build" evaluation
FROM python:3.12-slim-trixie

RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /work
COPY requirements.lock .
RUN python -m pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: -r requirements.lock

# the user's own number, so that what is written in the mounted folder is theirs
ARG OWNER=1000
RUN useradd --create-home --non-unique --uid "$OWNER" evaluator && chown evaluator /work
USER evaluator
COPY --chown=evaluator . .

ENV EVAL_ENV=active
CMD ["make"]
