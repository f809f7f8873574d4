# Every command of the project. `make` alone lists them: the text after `##` is what it prints.
# Everything runs from .venv, which `make setup` fills and the other targets bring up to date first.

SHELL := /bin/bash
BIN := .venv/bin

# A Python for the virtual environment (3.11 to 3.13), and the optional dependencies that go into it.
PYTHON ?=
EXTRAS ?= labs,dev
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format build docs site audit peer-tests bench bench-class bench-cluster bench-overhead bench-walls bench-marks bench-optimiser bench-pages bench-review walk pictures adversarial soak crash clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Set up .venv with pinned dependencies, and bubblewrap (PYTHON=python3.12 picks the interpreter)
	@PYTHON="$(PYTHON)" EXTRAS="$(EXTRAS)" .ci/setup.sh

demo: setup ## Grade a class of good, wrong and hostile submissions and show the reports
	@$(BIN)/autograder demo

# File by file in as many processes: many tests wait for a limit to trip, and those of one file share what they start.
# A process that crashes ends the run: with another in its place, pytest-xdist was seen to wait for ever.
test: setup ## Run the tests (ARGS="-k cnn" passes options to pytest; JOBS=0 has them run one after the other)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder --max-worker-restart 0 $(ARGS)

# All of them run even when one complains: one run tells everything.
LINTERS := "ruff check" "ruff format --check" "mypy" "lint-imports" "autograder build --check" \
	"python -m autograder.documentation --check"

lint: setup ## Check style, types, layers and that generated files are up to date
	@failed=""; \
	for linter in $(LINTERS); do \
		echo "== $$linter"; \
		$(BIN)/$$linter || failed="$$failed, $$linter"; \
	done; \
	if [[ -n $$failed ]]; then echo "lint failed: $${failed:2}" >&2; exit 1; fi

format: setup ## Format the code and fix what ruff can fix
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

build: setup ## Generate the labs' notebooks from reference/
	$(BIN)/autograder build

docs: setup ## Generate the reference pages in docs/
	$(BIN)/python -m autograder.documentation

site: setup ## Make a site of docs/ in build/site; a broken link, or a page in no menu, fails
	$(BIN)/mkdocs build --quiet

audit: setup ## Prove every lab's checks: variants under five seeds, generated mistakes (ARGS="cnn_digits --seeds 1")
	@$(BIN)/autograder audit $(ARGS)

peer-tests: setup ## Run nbgrader's own autograde tests through our sandbox and checks
	@$(BIN)/python tests/peer/run.py

bench: setup ## Time one submission here against nbgrader autograde, side by side
	@$(BIN)/python benchmarks/one_submission.py

bench-class: setup ## Time classes of 30 here against nbgrader autograde, side by side (ARGS="--growth": how cost grows)
	@$(BIN)/python benchmarks/throughput.py $(ARGS)

bench-overhead: setup ## Say where the CPU time of grading a class goes
	@$(BIN)/python benchmarks/overhead.py

bench-cluster: setup ## Time a class by a Dask cluster of two workers on this machine against two sandboxes without
	@$(BIN)/python benchmarks/cluster.py $(ARGS)

bench-walls: setup ## Time what the sandbox's walls cost a submission, side by side with none
	@$(BIN)/python benchmarks/walls.py

bench-marks: setup ## Time the marks and exports of a class of 1,000 with 20 assignments
	@$(BIN)/python benchmarks/marks.py $(ARGS)

bench-optimiser: setup ## Time training with TensorFlow's graph optimiser and without
	@$(BIN)/python benchmarks/optimiser.py

bench-pages: setup ## Time all transcripts and the page about a class of 1,000 with 20 assignments
	@$(BIN)/python benchmarks/pages.py $(ARGS)

bench-review: setup ## Time the review's pages of a class of 1,000
	@$(BIN)/python benchmarks/review.py $(ARGS)

walk: setup ## Go from a release to its feedback at a real browser, and say what was seen; accessibility, too
	@$(BIN)/python -m tests.browser.walk

pictures: setup ## Take the pictures of the main pages for docs/pictures/
	@$(BIN)/python -m tests.browser.pictures

adversarial: setup ## Hand in everything hostile we know, and print what came of each case
	@ADVERSARIAL=all $(BIN)/python -m pytest tests/adversarial $(ARGS)

soak: setup ## Grade a class of 300, a tenth hostile, against the honest ones alone (ARGS="--size 50 --seed 2")
	@$(BIN)/python -m tests.adversarial.soak $(ARGS)

crash: setup ## Kill the grader at 100 points in time and at every change to the disk (ARGS="--point 17": that one alone)
	@$(BIN)/python -m tests.grading.crash $(ARGS)

clean: ## Remove .venv and every cache
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find autograder course reference tests -name __pycache__ -type d -prune -exec rm -rf {} +
