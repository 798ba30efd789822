package main

import (
	"errors"
	"strings"
	"testing"
)

// FuzzCommandLine: whatever the words, separated by newlines here, there are
// options or a refusal of one line.
func FuzzCommandLine(f *testing.F) {
	for _, seed := range []string{
		"-fttTs10\n/bin/true", "-e\ninject=%file:error=EIO:when=1..3+2\nls", "--trace=/[[:alpha:]]{2}(a|b)*\nx",
		"-e\nstatus=!ENOENT,failed\nx", "-c\n-U\np99.9,name\nx", "--absolute-timestamps=format:unix,precision:ns\nx",
		"-e\ninject=open:poke_enter=@arg1=00ff:if=(a:b)\nx", "-O1e3ms\nx", "--s", "-p\n1,2", "-u\n1:2\nx", "-\xff",
	} {
		f.Add(seed)
	}
	e := testEnvironment()
	e.RealPath = func(path string) (string, error) { return "/" + path, nil }
	f.Fuzz(func(t *testing.T, text string) {
		o, err := frontEnd(e, strings.Split(text, "\n"))
		if o == nil {
			t.Fatal("no options")
		}
		var r *refusal
		if err != nil && !errors.Is(err, errHelp) && !errors.As(err, &r) {
			t.Errorf("%q: an error of another kind: %v", text, err)
		}
		if err == nil && !o.Version && o.Interruptible == 0 {
			t.Errorf("%q: passed without being settled", text)
		}
		for _, rule := range o.Injections {
			if rule.When.First != 0 && rule.When.Step == 0 {
				t.Errorf("%q: a step of 0", text)
			}
		}
	})
}
