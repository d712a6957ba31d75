# Two commands are all a newcomer needs: `make demo` and `make test`.
# The virtual environment is made from a lock with hashes, and made again when the lock changed.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ROOMS  := bot handlers hr_core cards sandbox tests benchmarks

.DEFAULT_GOAL := help
.PHONY: help demo test check lint format lock soak bench clean

help:           ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST)

demo: $(VENV)/.run      ## sandbox, robot and a seeded company; prints the URL and three things to say
	@$(BIN)/dinghr demo

test: $(VENV)/.dev      ## the tests (pytest)
	$(BIN)/python -m pytest

check: lint test        ## format, lint, types, import contracts, unused dependencies, then the tests

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(ROOMS)
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry .

format: $(VENV)/.dev    ## put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

ROUNDS ?= 1000
SEED   ?= 1
JOBS   ?= 1
soak: $(VENV)/.dev      ## kill, stop and starve the robot on both stores, ROUNDS times from SEED, JOBS at a time; see docs/reliability.md
	$(BIN)/python -m tests.reliability --rounds $(ROUNDS) --seed $(SEED) --jobs $(JOBS)

bench: $(VENV)/.dev     ## measure beside the references; prints what benchmarks/README.md records
	$(BIN)/python -m benchmarks

# The tests' packages may want an older version of something than the robot's: so they are asked first.
lock:           ## make both locks anew from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --group pyproject.toml:build --group pyproject.toml:dev \
	  --custom-compile-command "make lock" pyproject.toml -o requirements-dev.lock
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --group pyproject.toml:build \
	  --custom-compile-command "make lock" -c requirements-dev.lock pyproject.toml -o requirements.lock

# `demo` is content with an environment made for development (a superset), and never takes packages away from it.
$(VENV)/.run: requirements.lock pyproject.toml
	@if [ -f $(VENV)/.dev ] && [ $(VENV)/.dev -nt requirements-dev.lock ] && [ $(VENV)/.dev -nt pyproject.toml ]; then :; \
	 else $(MAKE) --no-print-directory install LOCK=requirements.lock; fi
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml
	@$(MAKE) --no-print-directory install LOCK=requirements-dev.lock
	@touch $@

# uv where it is there, else pip; also pip where uv fails, since it knows the mirror and the certificates of pip.conf.
.PHONY: install
install:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one: make demo PYTHON=python3.12" >&2; exit 1; }
	@echo "preparing $(VENV) from $(LOCK); half a minute the first time …"
	@if command -v uv >/dev/null 2>&1 && { [ -x $(BIN)/python ] || uv venv --quiet --python $(PYTHON) $(VENV); } && \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r $(LOCK) && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; then :; \
	else \
	  { [ -x $(BIN)/pip ] || $(PYTHON) -m venv $(VENV); } && \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK) && \
	  $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi

clean:          ## remove what the commands above made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache dist tests/sandbox/clients/node/node_modules
