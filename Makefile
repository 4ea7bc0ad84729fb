# One command sets up and does the job; each is safe to repeat.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Stamps are named after what was installed, so a second run costs nothing.
READY := $(VENV)/.ready-all
TEST_READY := $(VENV)/.ready-test

.PHONY: help demo test lint check parity bench gui-bench gui-matrix screenshots golden clean

help:
	@echo "make demo         audit the sample data, write a report, open napari where there is a display"
	@echo "make test         run every test, without a screen"
	@echo "make lint         formatting, lint, types, import contracts, manifest"
	@echo "make check        all of that, and every test with coverage"
	@echo "make parity       compare our numbers with other libraries (installs them in $(VENV)-parity)"
	@echo "make bench        time our counting against other libraries (uses $(VENV)-parity)"
	@echo "make gui-bench    time the review in a real window, with a virtual display where there is none"
	@echo "make gui-matrix   test the docks with PySide6, and with napari 0.8 (in $(VENV)-pyside6, $(VENV)-napari08)"
	@echo "make screenshots  redraw the pictures of README and docs"
	@echo "make golden       accept the current report of the sample data as the golden one"

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(READY): $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[all]"
	@touch $@

$(TEST_READY): $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test]"
	@touch $@ $(READY)

demo: $(READY)
	$(BIN)/mask-audit demo --output demo-output

test: $(TEST_READY)
	scripts/run_tests.sh $(BIN)/python $(ARGS)

# Formatting, lint, types and import contracts are the hooks of pre-commit.
lint: $(TEST_READY)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pre-commit run --all-files
	$(BIN)/npe2 validate --imports napari-mask-audit

check: lint
	scripts/run_tests.sh $(BIN)/python --cov --cov-report=term:skip-covered $(ARGS)

$(VENV)-parity/.ready: tests/parity/requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)-parity
	$(VENV)-parity/bin/python -m pip install --quiet --disable-pip-version-check -e ".[test]" -r tests/parity/requirements.txt
	@touch $@

parity: $(VENV)-parity/.ready
	$(VENV)-parity/bin/python -m pytest tests/parity -q $(ARGS)

bench: $(VENV)-parity/.ready
	$(VENV)-parity/bin/python tests/benchmarks/bench.py $(ARGS)

gui-bench: $(TEST_READY)
	PYTHONPATH=tests scripts/with_display.sh $(BIN)/python tests/benchmarks/gui_bench.py $(ARGS)

# The docks with the other Qt binding, and with the oldest napari, each in an environment of its own.
# PySide6 6.12.0 drops a reference to True, False and None with each overridden method that returns
# one, and so ends Python 3.11, whatever runs in it.
GUI_TESTS := ".[napari,nifti,fast,parquet,baseline]" pytest pytest-qt pytest-timeout hypothesis

$(VENV)-pyside6/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)-pyside6
	$(VENV)-pyside6/bin/python -m pip install --quiet --disable-pip-version-check -e $(GUI_TESTS) "napari[pyside6]>=0.9" "PySide6!=6.12.0"
	@touch $@

$(VENV)-napari08/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)-napari08
	$(VENV)-napari08/bin/python -m pip install --quiet --disable-pip-version-check -e $(GUI_TESTS) "napari[pyqt6]==0.8.*"
	@touch $@

gui-matrix: $(VENV)-pyside6/.ready $(VENV)-napari08/.ready
	QT_API=pyside6 scripts/with_display.sh $(VENV)-pyside6/bin/python -m pytest tests/gui -q $(ARGS)
	QT_API=pyqt6 scripts/with_display.sh $(VENV)-napari08/bin/python -m pytest tests/gui -q $(ARGS)

screenshots: $(TEST_READY)
	scripts/with_display.sh $(BIN)/python scripts/make_screenshots.py --all

golden: $(TEST_READY)
	MASK_AUDIT_ACCEPT_GOLDEN=1 $(BIN)/python -m pytest tests/report -q

clean:
	rm -rf $(VENV) $(VENV)-parity $(VENV)-pyside6 $(VENV)-napari08 demo-output build dist
