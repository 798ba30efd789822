package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// generate reads the descriptions of the package in dir and returns the files to
// write there.
func generate(dir string) ([]output, error) {
	w, err := readWorld(filepath.Join(dir, "desc"))
	if err != nil {
		return nil, err
	}
	p := compile(w)
	if err := w.diags.err(); err != nil {
		return nil, err
	}
	files, err := emit(p)
	if err != nil {
		return nil, err
	}
	more, err := reports(p, dir)
	return append(files, more...), err
}

// runGen is sysgen gen: it writes the generated files of the package in the
// current or given directory.
func runGen(args []string, _, stderr io.Writer) error {
	fs := flag.NewFlagSet("gen", flag.ContinueOnError)
	fs.SetOutput(stderr)
	dir := fs.String("dir", ".", "directory of package syscalls")
	if err := fs.Parse(args); err != nil {
		return err
	}
	files, err := generate(*dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := writeIfChanged(filepath.Join(*dir, f.name), f.text); err != nil {
			return err
		}
	}
	return nil
}

// writeIfChanged leaves a file alone that has the right content, and with it
// the build cache.
func writeIfChanged(name string, text []byte) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, text) {
		return nil
	}
	return os.WriteFile(name, text, 0o644)
}

// runCheck is sysgen check: it reports generated files that are out of date and
// description files that are not formatted.
func runCheck(args []string, _, stderr io.Writer) error {
	fs := flag.NewFlagSet("check", flag.ContinueOnError)
	fs.SetOutput(stderr)
	dir := fs.String("dir", ".", "directory of package syscalls")
	if err := fs.Parse(args); err != nil {
		return err
	}
	files, err := generate(*dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if old, err := os.ReadFile(filepath.Join(*dir, f.name)); err != nil || !bytes.Equal(old, f.text) {
			return fmt.Errorf("%s is out of date: run go generate ./syscalls", f.name)
		}
	}
	names, err := descFiles(filepath.Join(*dir, "desc"))
	if err != nil {
		return err
	}
	for _, name := range names {
		changed, err := formatFile(name, false)
		if err != nil {
			return err
		}
		if changed {
			return fmt.Errorf("%s is not formatted: run go run ./internal/cmd/sysgen fmt -dir %s", name, *dir)
		}
	}
	return nil
}
