package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGenerated holds the files made from the option table up to date; with
// -update it writes them.
func TestGenerated(t *testing.T) {
	files := map[string]string{}
	for name, text := range completionFiles() {
		files[filepath.Join("completion", name)] = text
	}
	manual, err := os.ReadFile(manualPage)
	if err != nil {
		t.Fatal(err)
	}
	text := between(t, string(manual), "OPTIONS", manualOptions(optionTable()))
	files[manualPage] = between(t, text, "COMMANDS", manualCommands(commandForms()))
	for name, want := range files {
		if *update {
			if err := os.WriteFile(name, []byte(want), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is out of date: go generate ./cmd/strait", name)
		}
	}
}

const manualPage = "../../docs/strait.1"

// between puts a list between its marks.
func between(t *testing.T, manual, name, list string) string {
	t.Helper()
	begin, end := ".\\\" BEGIN "+name+"\n", ".\\\" END "+name+"\n"
	head, rest, ok := strings.Cut(manual, begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s: no marks around the %s", manualPage, name)
	}
	return head + begin + list + end + tail
}

// TestManual holds the manual to every spelling and qualifier there is, and to
// what man(1) can format.
func TestManual(t *testing.T) {
	data, err := os.ReadFile(manualPage)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(data), `\-`, "-")
	want := append(columnNames(), qualifierWords()...)
	for _, o := range optionTable() {
		for _, name := range o.long {
			want = append(want, "--"+name)
		}
	}
	for _, q := range qualifiers() {
		want = append(want, q.aliases...)
	}
	for _, w := range want {
		if !strings.Contains(text, strings.TrimSuffix(w, "=")) {
			t.Errorf("the manual lacks %s", w)
		}
	}
	man, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("no groff here")
	}
	out, err := exec.Command(man, "-man", "-t", "-Tutf8", "-ww", "-z", manualPage).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("groff: %v: %s", err, out)
	}
}

// TestBashCompletion completes in a real bash.
func TestBashCompletion(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	for _, tc := range []struct {
		words string // the last one is completed
		want  string
	}{
		{"--summary-w", "--summary-wall-clock"},
		{"-X v", "verbose"},
		{"-f --const-print-style = r", "raw"},
		{"--color = al", "always"},
		{"-e decode-p", "decode-pids="},
		{"hel", "help"},
		{"-o /etc/host", "/etc/hostname /etc/hosts"},
		{"--signals SIGTER", "SIGTERM"},
		{"policy exp", "export"},
		{"help pol", "policy"},
		{"run --no-n", "--no-net --no-new-privs"},
		{"run --ask = al", "always"},
		{"run --unshare n", "net"},
		{"run --no-net -X v", "verbose"},
		{"run --const", "--const-print-style"},
		{"run -r x --read", "--read --read-only"},
		{"learn --verif", "--verify"},
		{"learn -o /etc/host", "/etc/hostname /etc/hosts"},
		{"policy export -f sys", "systemd"},
		{"policy export --format = sys", "systemd"},
		{"policy check /etc/host", "/etc/hostname /etc/hosts"},
		{"policy check /etc/hosts --qu", "--quiet"},
		{"test -paral", "-parallel"},
		{"test -v /etc/host", "/etc/hostname /etc/hosts"},
		{"diff --depth eff", "effects"},
	} {
		if strings.Contains(tc.want, "/etc/") && !exists("/etc/hostname", "/etc/hosts") {
			continue
		}
		script := `. completion/strait.bash; COMP_WORDS=(strait ` + tc.words + `); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _strait; echo "${COMPREPLY[@]}"`
		out, err := exec.Command(bash, "--norc", "-c", script).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", tc.words, err, out)
		}
		if got := strings.Fields(string(out)); !containsAll(got, strings.Fields(tc.want)) {
			t.Errorf("%s: completed by %s, want %s", tc.words, out, tc.want)
		}
	}
}

func exists(names ...string) bool {
	for _, name := range names {
		if _, err := os.Stat(name); err != nil {
			return false
		}
	}
	return true
}

func containsAll(list, want []string) bool {
	have := map[string]bool{}
	for _, s := range list {
		have[s] = true
	}
	for _, s := range want {
		if !have[s] {
			return false
		}
	}
	return true
}

// TestShellSyntax has each shell that is here read its file.
func TestShellSyntax(t *testing.T) {
	for shell, file := range map[string]string{"bash": "strait.bash", "zsh": "_strait", "fish": "strait.fish"} {
		t.Run(shell, func(t *testing.T) {
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("no %s here", shell)
			}
			if out, err := exec.Command(path, "-n", filepath.Join("completion", file)).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// TestEveryFlag holds the manual and the completions to every flag of every
// subcommand.
func TestEveryFlag(t *testing.T) {
	files := completionFiles()
	manual := strings.ReplaceAll(manualCommands(commandForms()), `\-`, "-")
	flags := 0
	if got, want := roff(`.a \, -b`), `\&.a \e, \-b`; got != want {
		t.Errorf("roff: %s, want %s", got, want)
	}
	for _, c := range commandForms() {
		_, text, _ := strings.Cut(manual, ".SS strait "+c.name+"\n")
		text, _, _ = strings.Cut(text, ".SS ")
		bash := part(files["strait.bash"], "\t'"+c.name+"') echo '", "\n") + " "
		zsh := part(files["_strait"], "\n"+strings.ReplaceAll(c.name, " ", `\ `)+")\n", "return ;;")
		fish := "" // the lines for this command
		for line := range strings.Lines(files["strait.fish"]) {
			if strings.Contains(line, "'__strait_in "+c.name+"'") {
				fish += line
			}
		}
		for _, o := range c.options() {
			flags++
			if o.arg != noArgument && strings.ToUpper(o.meta) != o.meta {
				t.Errorf("%s: the argument of %s has no name: %s", c.name, o.synopsis(), o.meta)
			}
			for _, name := range c.spell(&o) {
				bare := strings.TrimLeft(name, "-")
				kind := map[bool]string{true: " -s ", false: " -l "}[len(bare) == 1]
				if c.dash == "-" && len(bare) > 1 {
					kind = " -o "
				}
				for file, has := range map[string]bool{
					"the manual": strings.Contains(text, `\fB`+name+`\fP`),
					"bash":       strings.Contains(bash, name+" ") || strings.Contains(bash, name+"'"),
					"zsh":        regexp.MustCompile(`'\*` + name + `[+=[]`).MatchString(zsh),
					"fish":       strings.Contains(fish, kind+bare+" "),
				} {
					if !has {
						t.Errorf("strait %s %s: %s lacks it", c.name, name, file)
					}
				}
			}
		}
	}
	if flags < 100 {
		t.Errorf("the subcommands have %d flags only", flags)
	}
}

// part is what stands in a text between two others.
func part(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return text
}
