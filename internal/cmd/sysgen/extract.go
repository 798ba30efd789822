package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// runExtract writes the fact files of syscalls/desc from a tree of kernel UAPI
// headers. It needs clang, which compiles for every ABI without a cross
// toolchain.
func runExtract(args []string, _, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("extract", flag.ContinueOnError)
	flags.SetOutput(stderr)
	headers := flags.String("headers", "", "`directory` that holds the UAPI headers (or include/ with them)")
	out := flags.String("out", filepath.Join("syscalls", "desc"), "`directory` to write the fact files to")
	only := flags.String("only", "numbers,consts,errors", "which `facts` to extract, separated by commas")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *headers == "" {
		return errors.New("extract: -headers is missing")
	}
	c, err := newCompiler(*headers)
	if err != nil {
		return fmt.Errorf("extract: %w", err)
	}
	defer func() { err = errors.Join(err, c.close()) }()
	version, err := c.kernelVersion()
	if err != nil {
		return fmt.Errorf("extract: %w", err)
	}
	w := &factWriter{dir: *out, version: version, log: stderr}
	steps := map[string]func(*compiler, *factWriter) error{
		"numbers": writeNumbers,
		"consts":  writeHeaders, // and the ioctl commands
		"errors":  writeErrors,
	}
	for name := range strings.SplitSeq(*only, ",") {
		step := steps[name]
		if step == nil {
			return fmt.Errorf("extract: no facts called %q", name)
		}
		if err := step(c, w); err != nil {
			return fmt.Errorf("extract %s: %w", name, err)
		}
	}
	return nil
}

// factWriter writes fact files, and says on log what was left out of them.
type factWriter struct {
	dir     string
	version string // of the kernel, as in 7.2.13
	log     io.Writer
}

func (w *factWriter) write(name, text string) error {
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o644); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// kernelVersion reads the version out of linux/version.h.
func (c *compiler) kernelVersion() (string, error) {
	const name = "LINUX_VERSION_CODE"
	values, err := c.evaluate(abis()[0], "#include <linux/version.h>", []string{name})
	if err != nil {
		return "", fmt.Errorf("read kernel version: %w", err)
	}
	code := values[name].bits
	if code == 0 {
		return "", errors.New("read kernel version: linux/version.h has no " + name)
	}
	return fmt.Sprintf("%d.%d.%d", code>>16, code>>8&0xff, code&0xff), nil
}

func writeNumbers(c *compiler, w *factWriter) error {
	numbers, aliases, err := c.extractNumbers()
	if err != nil {
		return err
	}
	if err := w.numbers(numbers); err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(fileHeader(w.version, aliasesText))
	for _, alias := range slices.Sorted(maps.Keys(aliases)) {
		fmt.Fprintf(&b, "%s %s\n", alias, aliases[alias])
	}
	return w.write("aliases.txt", b.String())
}
