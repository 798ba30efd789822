package enforce

import "os"

// Limits says, a line each, what is weaker in this run than package policy has it.
func (e *Enforcer) Limits() []string {
	var out []string
	switch {
	case e.filter == nil:
		out = append(out, "attached: no filter can be added to a running program; every call stops, and what lies in its memory is checked, not performed",
			"attached: until it executes another program, its threads can change words between the check and their use")
	case e.scratch:
		out = append(out, "no notifications (before Linux 5.9, or a listener is there already): what calls name is checked, not performed; "+
			"the words are sealed, but a directory on the way can be exchanged before the kernel walks it")
	}
	if e.filter != nil && landlockVersion() == 0 {
		out = append(out, "no Landlock: nothing is below the filter and the supervisor")
	}
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		out = append(out, "no /proc: names cannot be resolved, and what depends on them is denied")
	}
	return out
}
