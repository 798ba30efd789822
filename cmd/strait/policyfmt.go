package main

import (
	"bytes"
	"fmt"

	"strait/policy"

	"github.com/rogpeppe/go-internal/diff"
)

// policyFmt is strait policy fmt.
func policyFmt(v *policyCommand) func() (int, error) {
	write := v.flags.BoolP("write", "w", false, "write to the files instead of standard output")
	list := v.flags.BoolP("list", "l", false, "list the files whose form is another; exit status 1 if there are any")
	show := v.flags.BoolP("diff", "d", false, "print the differences; exit status 1 if there are any")
	return func() (int, error) {
		files := v.args
		if len(files) == 0 {
			files = []string{"-"}
		}
		status := statusYes
		for _, name := range files {
			if *write && name == "-" {
				return 0, badUsage("-w cannot write to standard input")
			}
			old, text, called, err := v.format(name)
			if err != nil {
				return 0, err
			}
			differs := !bytes.Equal(old, text)
			if differs && (*list || *show) {
				status = statusNo
			}
			if differs && *list {
				fmt.Fprintln(v.stdout, called)
			}
			if *show {
				fmt.Fprintf(v.stdout, "%s", diff.Diff(called+".orig", old, called, text))
			}
			switch {
			case *write && differs:
				err = replaceFile(name, text)
			case !*write && !*list && !*show:
				err = v.write("-", text)
			}
			if err != nil {
				return 0, err
			}
		}
		return status, nil
	}
}

// format returns a file as it is and as it should be.
func (v *policyCommand) format(name string) (old, text []byte, called string, err error) {
	if old, called, err = v.read(name); err != nil {
		return nil, nil, called, err
	}
	f, err := policy.Parse(called, old)
	if err != nil {
		return nil, nil, called, err
	}
	return old, f.Format(), called, nil
}
