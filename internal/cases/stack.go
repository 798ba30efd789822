package cases

import (
	"strings"

	"strait/internal/unwind"
	"strait/tracer"
)

// mostFrames is how deep a stack is shown.
const mostFrames = 8

// stack is where a task is, without the numbers that differ in every build.
func (r *recorder) stack(k *tracer.Task) []string {
	r.buf = r.taker.Append(r.buf[:0], k, unwind.AtOnce)
	var out []string
	for line := range strings.Lines(string(r.buf)) {
		s := strings.TrimPrefix(strings.TrimSpace(line), "> ")
		if i := strings.LastIndex(s, " ["); i > 0 {
			if _, place, ok := strings.Cut(s[i+1:], " "); ok {
				s = s[:i] + " " + place
			} else {
				s = s[:i]
			}
		}
		if strings.HasPrefix(s, "too many") || len(out) > 0 && out[len(out)-1] == s {
			continue // functions without names look all alike
		}
		out = append(out, r.own.Replace(s))
	}
	if !helps(out) {
		return nil
	}
	return out
}

// helps says whether a stack tells something: a function of the program's own, and
// not only where the C library was in a program without names.
func helps(frames []string) bool {
	for _, f := range frames {
		object, function, ok := strings.Cut(f, "(")
		isLibrary := strings.HasPrefix(object, "/usr/lib") || strings.HasPrefix(object, "/lib")
		if ok && !isLibrary && !strings.HasPrefix(function, ")") && !strings.HasPrefix(function, "_start+") {
			return true
		}
	}
	return false
}
