# Everything that is done with this repository. Tools are pinned here and run by
# `go run`, so that only Go is needed.

GO            ?= go
GOFUMPT       := mvdan.cc/gofumpt@v0.12.0
GOLANGCI      := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUZZTIME      ?= 30s
BENCHFLAGS    ?=
VMFLAGS       ?=
PREFIX        ?= /usr/local
PURE          := ./syscalls/... ./internal/bpf/... ./internal/print/...
CROSS         := 386 arm64 arm riscv64

.PHONY: all build test race fuzz lint fmt generate check cross vm bench install clean

all: build

build:            ## the program, as ./strait: static, which starts faster and runs in any container
	CGO_ENABLED=0 $(GO) build -trimpath -o strait ./cmd/strait

test:             ## every test
	$(GO) test ./...

race:             ## every test under the race detector, but the tables of calls and of command lines, for time
	$(GO) test -race $$($(GO) list ./... | grep -v /internal/cmd/calls)
	$(GO) test ./internal/cmd/calls
	$(GO) test -run '^TestRuns$$' ./cmd/strait

fuzz:             ## each fuzz target for FUZZTIME
	@set -e; for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p; done; done

lint:             ## vet and the linters of .golangci.yml
	$(GO) vet ./...
	$(GO) run $(GOLANGCI) run

fmt:              ## format Go and descriptions
	$(GO) run $(GOFUMPT) -l -w .
	$(GO) run ./internal/cmd/sysgen fmt

generate:         ## tables from syscalls/desc
	$(GO) generate ./...

cross:            ## it builds for the other machines
	@set -e; for a in $(CROSS); do echo "build $$a"; GOARCH=$$a CGO_ENABLED=0 $(GO) build ./... ; done
	GOOS=darwin GOARCH=arm64 $(GO) build $(PURE)

check: generate   ## what CI runs
	git diff --exit-code -- syscalls docs
	@out=$$($(GO) run $(GOFUMPT) -l .); test -z "$$out" || { echo "not gofumpt-ed:"; echo "$$out"; exit 1; }
	$(MAKE) lint cross
	$(MAKE) race

vm:               ## tests and samples under other kernels; $STRAIT_GUEST runs guests
	$(GO) run ./internal/cmd/guest $(VMFLAGS)

bench:            ## native, strace and strait in one run
	$(GO) run ./internal/cmd/bench $(BENCHFLAGS)

install: build    ## LINK=1 also installs it as strace
	install -D strait $(DESTDIR)$(PREFIX)/bin/strait
	test -z "$(LINK)" || ln -sf strait $(DESTDIR)$(PREFIX)/bin/strace

clean:
	rm -f strait
