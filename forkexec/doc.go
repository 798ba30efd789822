// Package forkexec starts a child process exactly as configured, or says which
// step failed.
//
//	p, err := forkexec.Start(&forkexec.Cmd{Path: "/bin/ls", Args: []string{"ls", "-l"}})
//	if err != nil {
//		return err // exec /bin/ls: no such file or directory
//	}
//	result, err := p.Wait()
package forkexec
