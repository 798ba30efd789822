package policy

import "time"

// Version is the version of the language that this package reads and writes.
const Version = 1

// A File is one policy file as it is written: nothing included, no group or
// variable replaced. It can also be built in code.
type File struct {
	Name     string // for messages
	Include  []Include
	Default  *Action // nil: not said
	ABI      ABIRules
	Limits   Limits
	Groups   []Group
	Profiles []*Profile

	Comment  Comment            // of the file
	Comments map[string]Comment // of its keys: version, ..., abi.x32, groups.@mine.getpid, profiles.git.extends
	pos      map[string]Pos
}

// An Include names another file, or a built-in one: std/runtime.
type Include struct {
	Name    string
	Pos     Pos
	Comment Comment
}

// ABIRules say what is done about calls through other ABIs than the machine's
// own, and about io_uring. With allow, the rules apply to them as to others.
// nil: not said, which is deny(ENOSYS).
type ABIRules struct {
	Compat32, X32, IOUring *Action
}

// Limits are what a run may use. Zero: unlimited.
type Limits struct {
	Wall, CPU      time.Duration
	Memory, Output int64 // bytes
	Procs          int
}

// A Group is a set of calls and other groups that the file names: "@mine".
type Group struct {
	Name    string
	Members []string
	Pos     Pos
	Comment Comment
}

// A Profile is an ordered list of rules; the first that matches counts.
type Profile struct {
	Name    string
	Extends string // its rules come after the profile's own
	Rules   []*Rule
	Pos     Pos
	Comment Comment

	extends Pos // of the name
}

// Profile returns the profile called name, or nil.
func (f *File) Profile(name string) *Profile {
	for _, p := range f.Profiles {
		if p.Name == name {
			return p
		}
	}
	return nil
}
