# make demo   set up, audit samples/, say where the results are
# make test   set up, run the checks and the tests
# make check  set up, check format, lint, types and import rules
#
# Variables:
#   PYTHON       the interpreter that makes the virtual environment (3.11 or newer)
#   TORCH_INDEX  a package index for torch alone. On Linux the default index brings a build
#                with several GB of CUDA; PyTorch's own index of CPU builds does not:
#                make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu

PYTHON ?= $(shell command -v python3.11 || command -v python3)
TORCH_INDEX ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip
OUT := demo-report
APT_PACKAGES := python3 python3-venv
PANGO_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0

.PHONY: demo test check setup setup-dev model system samples clean

demo: setup model
	$(BIN)/vmaudit audit samples --metadata samples/calls.csv --roster samples/roster.csv --out $(OUT)
	@echo
	@echo "Look at $(OUT)/report/index.html in a browser."
	@echo "The results are in $(OUT)/: messages.csv for a spreadsheet, messages.jsonl for programs."
	@echo "One message in full:  $(BIN)/vmaudit show $(OUT) FILE"

test: setup-dev model check system
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered

check: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: $(VENV)/.installed

setup-dev: $(VENV)/.installed-dev

model: setup
	$(BIN)/vmaudit models pull base

# What the tests need of the system: a browser for the report, Pango for scorecards to print. Where
# they may not be installed, those tests are skipped.
system: setup-dev
	@{ command -v chromium || command -v chromium-browser; } >/dev/null && \
	  $(BIN)/python -c 'import weasyprint' 2>/dev/null || { \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	    apt-get update && apt-get install -y chromium $(PANGO_PACKAGES); \
	  elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then \
	    sudo apt-get update && sudo apt-get install -y chromium $(PANGO_PACKAGES); \
	  fi; } || true
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	  echo "no chromium: the report is not tested in a browser (Debian: sudo apt-get install chromium)"
	@$(BIN)/python -c 'import weasyprint' 2>/dev/null || \
	  echo "no Pango: scorecards are not printed (Debian: sudo apt-get install $(PANGO_PACKAGES))"

# Speak samples/ again with the synthetic voices (see samples/README.md).
samples: setup
	$(PIP) install --quiet -c constraints.txt -e '.[samples]'
	$(BIN)/python tools/make_samples.py

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --quiet $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) -c constraints.txt torch
	$(PIP) install --quiet -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install --quiet -c constraints.txt -e '.[dev]'
	@touch $@

# Debian keeps venv apart from python3. Install it where we may, else say what to do.
$(VENV)/bin/python:
	@$(or $(PYTHON),python3) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "vmaudit needs Python 3.11 or newer with venv (Debian: $(APT_PACKAGES))"; \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	    apt-get update && apt-get install -y $(APT_PACKAGES); \
	  elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then \
	    sudo apt-get update && sudo apt-get install -y $(APT_PACKAGES); \
	  else \
	    echo "Run: sudo apt-get install $(APT_PACKAGES)"; exit 1; \
	  fi; }
	$(or $(PYTHON),python3) -m venv $(VENV)

clean:
	rm -rf $(VENV) $(OUT) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
