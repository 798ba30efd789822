package main

// checkThere refuses what the command line can say and the tracing mode cannot do
// yet: better no trace than one that leaves out, without a word, what was asked
// for.
func (o *Options) checkThere() error {
	for _, x := range []struct {
		asked bool
		what  string
	}{
		{o.SELinux.on, "--secontext"},
	} {
		if x.asked {
			return refuse("%s is not supported yet", x.what)
		}
	}
	return nil
}
