package policy_test

import (
	"fmt"
	"log"
	"strings"

	"strait/policy"
	"strait/syscalls"
)

func options() policy.Options {
	return policy.Options{Vars: map[string]string{"HOME": "/home/me", "CWD": "/home/me/src"}, Native: "amd64"}
}

func ExampleParse() {
	f, err := policy.Parse("build.yaml", []byte(`
version: 1
profiles: {main: [allow   @io, 'deny(EACCES) fs.* ~/.ssh/**']}
`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", f.Format())

	_, err = policy.Parse("bad.yaml", []byte("version: 1\nprofiles:\n  main:\n    - allow opneat\n"))
	fmt.Println(err)
	// Output:
	// version: 1
	// profiles:
	//   main:
	//     - allow @io
	//     - deny(EACCES) fs.* ${HOME}/.ssh/**
	// bad.yaml:4:13: no call or effect "opneat" (did you mean openat?)
}

// A policy can be built in code.
func ExampleNew() {
	rule := func(s string) *policy.Rule {
		r, err := policy.ParseRule(s)
		if err != nil {
			log.Fatal(err)
		}
		return r
	}
	p, err := policy.New(&policy.File{
		Name:    "code",
		Include: []policy.Include{{Name: "std/runtime"}},
		Profiles: []*policy.Profile{{Name: "main", Rules: []*policy.Rule{
			rule("kill ptrace process_vm_writev"),
			rule("allow mmap where !(prot has PROT_WRITE|PROT_EXEC)"),
		}}},
	}, options())
	if err != nil {
		log.Fatal(err)
	}
	abi := syscalls.ByName("amd64")
	for _, name := range []string{"getpid", "ptrace", "sethostname"} {
		nr, _ := abi.Number(name)
		fmt.Println(name, p.Decide(&syscalls.Event{ABI: abi, Nr: nr}).Action)
	}
	// Output:
	// getpid allow
	// ptrace kill
	// sethostname deny(EPERM)
}

func ExamplePolicy_Compile() {
	f, err := policy.Parse("p.yaml", []byte(`version: 1
profiles:
  main:
    - deny(EPERM) ioctl where op in {TIOCSTI, TIOCLINUX}
    - allow ioctl read write
    - allow fs.read /usr/**
`))
	if err != nil {
		log.Fatal(err)
	}
	p, err := policy.New(f, options())
	if err != nil {
		log.Fatal(err)
	}
	prog, err := p.Compile(policy.CompileOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range prog.Explain[:3] {
		fmt.Print(e.String())
	}
	// Output:
	// p.yaml:4: deny(EPERM) ioctl where op in {TIOCSTI, TIOCLINUX}
	//   kernel: ioctl
	// p.yaml:5: allow ioctl read write
	//   kernel: read write ioctl
	// p.yaml:6: allow fs.read /usr/**
	//   checked: the path is in memory: open stat lstat access chdir link readlink statfs and 20 more
	//   checked: the flags are in memory: openat2
}

func ExampleLearn() {
	trace := `openat(AT_FDCWD, "main.c", O_RDONLY) = 3
read(3, "int main", 4096) = 8
openat(AT_FDCWD, "main.o", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 4
connect(5, {sa_family=AF_UNIX, sun_path="/run/cache.sock"}, 110) = 0
`
	obs, lost, err := policy.ImportStrace(strings.NewReader(trace), policy.ImportOptions{ABI: "amd64", CWD: "/home/me/src"})
	if err != nil || len(lost) > 0 {
		log.Fatal(err, lost)
	}
	l, err := policy.Learn(obs, policy.LearnOptions{Options: options()})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s%d calls would fail\n", l.File.Format(), len(l.Failed))
	// Output:
	// version: 1
	// include: [std/runtime]
	// default: deny(EPERM)
	// profiles:
	//   main:
	//     - allow fs.read ${CWD}/main.c # seen 1×
	//     - allow fs.write ${CWD}/main.o # seen 1×
	//     - allow net.connect unix /run/cache.sock # seen 1×
	// 0 calls would fail
}

func ExampleDiff() {
	load := func(rules string) *policy.Policy {
		f, err := policy.Parse("p.yaml", []byte("version: 1\nprofiles: {main: ["+rules+"]}\n"))
		if err != nil {
			log.Fatal(err)
		}
		p, err := policy.New(f, options())
		if err != nil {
			log.Fatal(err)
		}
		return p
	}
	for _, c := range policy.Diff(load("allow read getpid"), load("allow read, allow signal self")) {
		fmt.Println(&c)
	}
	// Output:
	// newly denied in main: getpid: allow → deny(EPERM) (default)
	// newly allowed in main: signal self (kill rt_sigqueueinfo tkill tgkill rt_tgsigqueueinfo pidfd_send_signal): deny(EPERM) → allow (p.yaml:2: allow signal self)
}
