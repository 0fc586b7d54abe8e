# `make render ENV=prod` and `make test` are the two to know. Each builds what it needs on first use.

PYTHON ?= python3
# One environment or several, as in ENV="dev prod"; all of them where it is empty.
ENV ?=
# Arguments for pytest, as in PYTEST_ARGS="-k rules"; a part of the tests is run without the coverage floor.
PYTEST_ARGS ?=

# A stamp is the last file written into a virtual environment, so a half-built one is built again.
venv := .venv/.complete
checkov := .venv-checkov/.complete
bin := .venv/bin

# Twice quiet: errors only. The locks are complete and decide alone what is installed (--no-deps): an older
# pip that resolves again asks for the newest of what a package wants with an extra, and finds it unlocked.
pip := -m pip install --quiet --quiet --disable-pip-version-check --no-deps

python_is_new := $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || { \
	  echo "tapgen needs Python 3.11 or newer; $(PYTHON) is older or missing (another: make PYTHON=python3.12)" >&2; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help render check test verify bench scan lint lock images bootstrap deployed clean terraform

help: ## Print this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

render: $(venv) ## Write modules/ and envs/ (ENV=prod; all environments without it).
	@$(bin)/tapgen render $(ENV)

check: $(venv) ## Validate the blueprint and its rules (ENV=prod; all without it).
	@$(bin)/tapgen check $(ENV)

# Two workers for two cores; tests that share a Terraform root are kept on one by their xdist_group.
pytest := $(bin)/python -m pytest -n 2 --dist loadgroup

test: $(venv) ## Run the tests, with the coverage floor (PYTEST_ARGS="-k rules").
	@$(pytest) $(or $(PYTEST_ARGS),--cov --cov-report=term-missing:skip-covered)

verify: $(venv) terraform ## Validate and apply every environment on both providers, and see that it is committed.
	@$(pytest) $(addprefix tests/terraform/test_,offline.py::test_second_plan_is_clean mocked.py format.py) \
	  tests/test_repository.py::test_committed_terraform_is_what_the_blueprint_renders

bench: $(venv) ## Measure the command against its budgets.
	@$(bin)/python tests/bench.py

scan: $(checkov) ## Run checkov over what is rendered (ENV=prod; all without it).
	@.venv-checkov/bin/python scripts/scan $(ENV)

lint: $(venv) terraform ## Check style, types, imports, formatting, and that the committed files are what renders.
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/lint-imports
	terraform fmt -check -diff -recursive
	$(bin)/tapgen render --check

uv_compile := uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --strip-extras --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

lock: $(venv) ## Compile requirements/*.txt again (UPGRADE=1 takes newer versions).
	$(bin)/$(uv_compile) -o requirements/dev.txt pyproject.toml requirements/dev.in
	$(bin)/$(uv_compile) -o requirements/runtime.txt -c requirements/dev.txt pyproject.toml
	$(bin)/$(uv_compile) -o requirements/functions.txt -c requirements/dev.txt requirements/functions.in
	$(bin)/$(uv_compile) -o requirements/checkov.txt requirements/checkov.in

functions := payment schema validation cutover rollback rotation probe
# Where the images go, as <account>.dkr.ecr.<region>.amazonaws.com/<project>-<env>; empty keeps them here.
REGISTRY ?=
TAG ?= $(shell git rev-parse --short HEAD)
rds_bundle := https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem

# No attestations: Lambda refuses the list of manifests that they make of an image.
images: build/rds-global-bundle.pem ## Build the functions' images for arm64 (REGISTRY=… pushes them, TAG=… names them).
	@for function in $(functions); do \
	  docker buildx build --platform linux/arm64 --provenance=false --sbom=false --file functions/Dockerfile \
	    --build-arg RDS_BUNDLE_SHA256=$(RDS_BUNDLE_SHA256) --target $$function \
	    --tag $(if $(REGISTRY),$(REGISTRY)/)$$function:$(TAG) $(if $(REGISTRY),--push,--load) . || exit 1; \
	done

build/rds-global-bundle.pem:
	@test -n "$(RDS_BUNDLE_SHA256)" || { \
	  echo "make images: give the checksum that you trust, as in RDS_BUNDLE_SHA256=…" >&2; exit 2; }
	@mkdir -p build
	@curl --fail --silent --show-error --output $@.part $(rds_bundle)
	@echo "$(RDS_BUNDLE_SHA256)  $@.part" | sha256sum --check --quiet --strict
	@mv $@.part $@

bootstrap: $(venv) terraform ## Make an environment's state bucket and move its state there (ENV=prod).
	@test -n "$(ENV)" || { echo "make bootstrap: name the environment, as in ENV=prod" >&2; exit 2; }
	@scripts/bootstrap $(ENV)

deployed: $(venv) ## Wait until what was applied answers every request (ENV=prod).
	@$(bin)/python scripts/deployed $(ENV)

clean: ## Remove the virtual environments and the caches of the tools.
	rm -rf .venv .venv-checkov .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find functions generator tests scripts -name __pycache__ -prune -exec rm -rf {} +

$(venv): requirements/dev.txt
	@$(python_is_new)
	@echo "Building .venv; this takes a minute, once." >&2
	@$(PYTHON) -m venv --clear .venv
	@$(bin)/python $(pip) --require-hashes -r requirements/dev.txt
	@$(bin)/python $(pip) --no-index --no-build-isolation -e .
	@touch $@

$(checkov): requirements/checkov.txt
	@$(python_is_new)
	@echo "Building .venv-checkov; this takes a minute, once." >&2
	@$(PYTHON) -m venv --clear .venv-checkov
	@.venv-checkov/bin/python $(pip) --require-hashes -r requirements/checkov.txt
	@touch $@

terraform: $(venv)
	@terraform version -json 2> /dev/null | $(bin)/python -c 'import json, sys; \
	  version = json.load(sys.stdin)["terraform_version"]; \
	  sys.exit([int(part) for part in version.split(".")[:2]] < [1, 11])' 2> /dev/null || { \
	  echo "this needs Terraform 1.11 or newer on the PATH; it is missing or older" >&2; exit 1; }
