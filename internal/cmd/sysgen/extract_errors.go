package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const errorsText = `
Errors: name, number, and the words of glibc's strerror(3). Other names of a
number (EWOULDBLOCK, EDEADLOCK, EFSCORRUPTED) are left out.

Numbers from 512 are the kernel's own (include/linux/errno.h there), which only
a tracer sees. glibc knows nothing of them; the words of the restarting ones are
what tracers print.
`

// errorText is an error's number and words.
type errorText struct {
	name    string
	number  int
	message string
}

// kernelErrors are those of the kernel's private include/linux/errno.h that
// tracers name. An empty message is glibc's for an unknown number.
func kernelErrors() []errorText {
	return []errorText{
		{"ERESTARTSYS", 512, "To be restarted if SA_RESTART is set"},
		{"ERESTARTNOINTR", 513, "To be restarted"},
		{"ERESTARTNOHAND", 514, "To be restarted if no handler"},
		{"ENOIOCTLCMD", 515, ""},
		{"ERESTART_RESTARTBLOCK", 516, "Interrupted by signal"},
		{"EPROBE_DEFER", 517, ""},
		{"EOPENSTALE", 518, ""},
		{"EBADHANDLE", 521, ""},
		{"ENOTSYNC", 522, ""},
		{"EBADCOOKIE", 523, ""},
		{"ENOTSUPP", 524, ""},
		{"ETOOSMALL", 525, ""},
		{"ESERVERFAULT", 526, ""},
		{"EBADTYPE", 527, ""},
		{"EJUKEBOX", 528, ""},
		{"EIOCBQUEUED", 529, ""},
		{"ERECALLCONFLICT", 530, ""},
	}
}

func writeErrors(c *compiler, w *factWriter) error {
	found, err := c.extractErrors()
	if err != nil {
		return err
	}
	version, err := c.libcMessages(found)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(fileHeader(w.version, strings.Replace(errorsText, "glibc's", "glibc "+version+"'s", 1)))
	for _, e := range found {
		fmt.Fprintf(&b, "%s %d %q\n", e.name, e.number, e.message)
	}
	return w.write("errors.txt", b.String())
}

// extractErrors lists asm/errno.h and kernelErrors by number. It fails when an
// ABI has numbers of its own, which none of them does.
func (c *compiler) extractErrors() ([]errorText, error) {
	var first []errorText
	for i, a := range abis() {
		found, err := c.errorNumbers(a)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.name, err)
		}
		if i == 0 {
			first = found
		} else if !slices.Equal(first, found) {
			return nil, fmt.Errorf("%s has error numbers of its own", a.name)
		}
	}
	return append(first, kernelErrors()...), nil
}

// errorNumbers lists what asm/errno.h defines as a number, not as another name.
func (c *compiler) errorNumbers(a abi) ([]errorText, error) {
	text, diag, ok, err := c.run(a, "#include <asm/errno.h>\n", "-E", "-dM")
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errors.New(firstError(diag))
	}
	var found []errorText
	for line := range strings.Lines(text) {
		var name string
		var number int
		n, err := fmt.Sscanf(line, "#define %s %d", &name, &number)
		if err == nil && n == 2 && name[0] == 'E' {
			found = append(found, errorText{name: name, number: number})
		}
	}
	slices.SortFunc(found, func(a, b errorText) int { return cmp.Compare(a.number, b.number) })
	return found, nil
}

const messagesSource = `#include <gnu/libc-version.h>
#include <stdio.h>
#include <string.h>
int main(void)
{
	puts(gnu_get_libc_version());
	for (int i = 0; i < 1024; i++)
		puts(strerror(i));
}
`

// libcMessages fills in the messages that are missing, by running a program
// linked with this machine's glibc, and returns glibc's version.
func (c *compiler) libcMessages(found []errorText) (version string, err error) {
	program := filepath.Join(c.shims, "strerror")
	if err := os.WriteFile(program+".c", []byte(messagesSource), 0o644); err != nil {
		return "", fmt.Errorf("write strerror.c: %w", err)
	}
	if out, err := exec.Command("cc", "-o", program, program+".c").CombinedOutput(); err != nil {
		return "", fmt.Errorf("compile strerror.c: %w: %s", err, out)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("run strerror: %w", err)
	}
	lines := strings.Split(string(out), "\n")
	for i, e := range found {
		if e.number+1 >= len(lines) {
			return "", errors.New("run strerror: too few messages")
		}
		if e.message == "" {
			found[i].message = lines[e.number+1]
		}
	}
	return lines[0], nil
}
