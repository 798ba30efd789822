package main

import (
	"os"
	"os/exec"
	"path/filepath"
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
	files[manualPage] = withOptions(t, string(manual))
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

// withOptions puts the list of options between its marks.
func withOptions(t *testing.T, manual string) string {
	t.Helper()
	const begin, end = ".\\\" BEGIN OPTIONS\n", ".\\\" END OPTIONS\n"
	head, rest, ok := strings.Cut(manual, begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s: no marks around the options", manualPage)
	}
	return head + begin + manualOptions(optionTable()) + end + tail
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
