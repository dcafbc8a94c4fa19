# make run     compile filters/dropmon.c, check the object, run it, show where the kernel drops packets
# make test    the test suite          make check   style, types, floors
# make bench   measured ratios         make fuzz    random programs, until interrupted
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BPFCC := $(BIN)/bpfcc
CFLAGS ?= -O2 -g -Wall
FILTERS := $(patsubst %.c,%.o,$(wildcard filters/*.c))
SUDO := $(shell test "$$(id -u)" = 0 || echo sudo)
DURATION ?= 5
INTERVAL ?= 1

.PHONY: all run test check bench fuzz gen clean filters
all: filters

# Debian and Ubuntu ship Python without the part that makes virtual environments.
$(VENV)/.run: pyproject.toml
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "installing python3-venv"; $(SUDO) apt-get update -qq && \
	  $(SUDO) apt-get install -y -qq python3-venv; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	$(BIN)/python -m compileall -q bpfcc  # where PYTHONDONTWRITEBYTECODE is set nothing else does
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

filters: $(FILTERS)

filters/%.o: filters/%.c | $(VENV)/.run
	$(BPFCC) $(CFLAGS) -MMD -c $< -o $@

-include $(FILTERS:.o=.d)

run: $(VENV)/.run filters/dropmon.o
	$(BPFCC) check filters/dropmon.o
	$(BPFCC) trace filters/dropmon.o -e skb:kfree_skb --demo \
	  --replay filters/events/skb_kfree_skb.jsonl --duration $(DURATION) --interval $(INTERVAL)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -q -n auto --dist worksteal

check: $(VENV)/.dev
	$(BIN)/ruff format --check bpfcc tests bench
	$(BIN)/ruff check bpfcc tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python -m bench

fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.fuzz

gen: $(VENV)/.dev
	$(BIN)/python -m bpfcc.uapi.gen_headers
	$(BIN)/python -m bpfcc --print-manual > bpfcc/docs/bpfcc.1

clean:
	rm -f filters/*.o filters/*.d
