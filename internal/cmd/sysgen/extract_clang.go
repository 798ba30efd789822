package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// compiler runs clang over the kernel's UAPI headers, and nothing else's: the
// few libc headers that they include are replaced by the ones in shimFiles.
type compiler struct {
	include string // directory that holds linux/ and the architectures' directories
	shims   string // directory written by newCompiler, removed by close
}

// newCompiler finds the include directory under headers, which is either that
// directory or its parent.
func newCompiler(headers string) (*compiler, error) {
	include := filepath.Join(headers, "include")
	if _, err := os.Stat(include); err != nil {
		include = headers
	}
	if _, err := os.Stat(filepath.Join(include, "linux", "types.h")); err != nil {
		return nil, fmt.Errorf("find kernel headers: %w", err)
	}
	if _, err := exec.LookPath("clang"); err != nil {
		return nil, fmt.Errorf("find compiler: %w", err)
	}
	shims, err := os.MkdirTemp("", "sysgen-shims-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for the libc shims: %w", err)
	}
	c := &compiler{include: include, shims: shims}
	for name, text := range shimFiles() {
		if err := c.writeShim(name, text); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	return c, nil
}

func (c *compiler) writeShim(name, text string) error {
	path := filepath.Join(c.shims, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write shim %s: %w", name, err)
	}
	if err := os.WriteFile(path, []byte("#pragma once\n"+text), 0o644); err != nil {
		return fmt.Errorf("write shim %s: %w", name, err)
	}
	return nil
}

func (c *compiler) close() error {
	return os.RemoveAll(c.shims)
}

// run feeds src to clang for one ABI and returns its output and diagnostics.
// err is set only when clang could not be run at all: a source that does not
// compile has ok false.
func (c *compiler) run(a abi, src string, args ...string) (out, diag string, ok bool, err error) {
	argv := append([]string{
		"--target=" + a.target, "-nostdinc", "-std=gnu11", "-w", "-ferror-limit=0",
		"-fno-caret-diagnostics", "-fms-extensions", "-ffreestanding", "-D__EXPORTED_HEADERS__",
		"-I" + c.shims, "-I" + filepath.Join(c.include, a.dir), "-I" + c.include,
	}, args...)
	cmd := exec.Command("clang", append(argv, "-x", "c", "-")...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(src), &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", "", false, fmt.Errorf("run clang for %s: %w", a.name, err)
	}
	return stdout.String(), stderr.String(), err == nil, nil
}

// rel turns a path as clang reports it into the name used in #include <...>.
func (c *compiler) rel(a abi, path string) string {
	for _, dir := range []string{filepath.Join(c.include, a.dir), c.include} {
		if rest, found := strings.CutPrefix(path, dir+"/"); found {
			return rest
		}
	}
	return ""
}
