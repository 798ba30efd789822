package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"strait/policy"

	"github.com/google/renameio/v2"
)

// stdinName is what messages call standard input.
const stdinName = "<stdin>"

func (v *policyCommand) options() policy.Options {
	return policy.Options{Vars: map[string]string{"HOME": v.home, "CWD": v.cwd}, Native: v.arch}
}

// read reads a file, or standard input for "-". The name is that for messages.
func (v *policyCommand) read(name string) (src []byte, called string, err error) {
	if name != "-" {
		src, err = os.ReadFile(name)
		return src, name, err
	}
	src, err = io.ReadAll(v.stdin)
	if err != nil {
		err = fmt.Errorf("read %s: %w", stdinName, err)
	}
	return src, stdinName, err
}

// load reads a policy with all that it includes. std/NAME is a built-in one.
func (v *policyCommand) load(name string) (*policy.Policy, error) {
	if name != "-" {
		return policy.Load(name, v.options())
	}
	src, called, err := v.read(name)
	if err != nil {
		return nil, err
	}
	return policy.LoadSource(called, src, v.options())
}

// output declares -o and returns what writes to it.
func (v *policyCommand) output() func(data []byte) error {
	name := v.flags.StringP("output", "o", "-", "write to `FILE`; an existing one is replaced at once or not at all")
	return func(data []byte) error { return v.write(*name, data) }
}

func (v *policyCommand) write(name string, data []byte) error {
	if name == "-" {
		if _, err := v.stdout.Write(data); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		return nil
	}
	return replaceFile(name, data)
}

// lost lists what a conversion could not carry.
func (v *policyCommand) lost(list []string) {
	for _, s := range list {
		fmt.Fprintf(v.stderr, "%s: not carried over: %s\n", v.name, s)
	}
}

// replaceFile writes a file so that whoever looks sees the old content or the
// new, and a failure leaves the old. What a symbolic link names is replaced, not
// the link; what is no regular file (/dev/full, a pipe) is written to.
func replaceFile(name string, data []byte) error {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	if st, err := os.Stat(name); err == nil && !st.Mode().IsRegular() {
		return writeThrough(name, data)
	}
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, data) {
		return nil
	}
	err := renameio.WriteFile(name, data, 0o644, renameio.WithExistingPermissions(), renameio.WithTempDir(filepath.Dir(name)))
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func writeThrough(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
