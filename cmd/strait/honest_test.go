package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An honestJob is a program as it is used every day. It is learnt from, and then has
// to do under what was learnt what it does without strait.
type honestJob struct {
	name    string
	needs   []string // programs; where one is missing, the job is skipped
	long    bool     // it takes more than a few seconds
	files   map[string]string
	script  string   // of sh, in a directory of its own
	results []string // patterns of files that are the same afterwards
}

var honestJobs = []honestJob{
	{
		name: "gcc", needs: []string{"gcc"}, results: []string{"prog", "out"},
		files: map[string]string{
			"a.c": "#include <stdio.h>\nextern int two(void);\nint main(void) { printf(\"%d\\n\", two()); return 0; }\n",
			"b.c": "int two(void) { return 2; }\n", "bad.c": "int x = ;\n",
		},
		script: "gcc -O1 -g0 -c a.c && gcc -O1 -g0 -c b.c && gcc -o prog a.o b.o && ./prog >out; cat out; gcc -c bad.c; echo $?",
	},
	{
		name: "go", needs: []string{"go"}, long: true, results: []string{"prog"},
		files: map[string]string{
			"go.mod":  "module small\n\ngo 1.26\n",
			"main.go": "package main\n\nimport (\"fmt\"; \"strings\")\n\nfunc main() { fmt.Println(strings.ToUpper(\"built\")) }\n",
		},
		script: "GOTOOLCHAIN=local GOFLAGS=-buildvcs=false go build -trimpath -o prog . && ./prog && go vet . && echo vetted",
	},
	{
		name: "git", needs: []string{"git"}, results: []string{"dst/*", "dst/.git/HEAD", "dst/.git/refs/heads/*"},
		files: map[string]string{"one": "1\n", "two": "2\n"},
		script: `export HOME=$PWD GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'
git init -q -b main src && cp one two src && git -C src add . && git -C src commit -q -m first &&
git clone -q --no-hardlinks src dst && git -C dst log --format='%H %s' && git -C dst status --short && echo 3 >dst/one && git -C dst diff`,
	},
	{
		name: "python", needs: []string{"python3"}, results: []string{"out.json"},
		files:  map[string]string{"job.py": honestPython},
		script: "python3 -B job.py",
	},
	{
		name: "tar", needs: []string{"tar", "gzip"}, results: []string{"out/tree/*"},
		files:  map[string]string{"tree/a": "a\n", "tree/b/c": "c\n"},
		script: "ln -s a tree/l; ln tree/a tree/h; chmod 600 tree/b/c; tar czf t.tgz tree && mkdir out && tar xzf t.tgz -C out && ls -R out && tar tzf t.tgz | sort && tar xzf none.tgz; echo $?",
	},
	{
		name: "rsync", needs: []string{"rsync"}, results: []string{"copy/*", "copy/b/*"},
		files:  map[string]string{"tree/a": "a\n", "tree/b/c": "c\n"},
		script: "ln -s a tree/l; rsync -a tree/ copy/ && echo new >>tree/a && rsync -ai --no-times tree/ copy/ && rsync -a --delete tree/b/ copy/b/ && ls -R copy",
	},
	{
		name: "sqlite", needs: []string{"sqlite3"},
		script: `sqlite3 db 'create table t(a, b); insert into t values(1, "x"), (2, "y")' && sqlite3 db 'pragma journal_mode=wal; update t set b = "z" where a = 2; select * from t' && ls`,
	},
	{
		name: "shell", needs: []string{"find", "sort", "sed", "awk"}, results: []string{"log"},
		files:  map[string]string{"d/1": "b\n", "d/2": "a\n"},
		script: `find d -type f | sort | tee log; cat d/* | sort | sed s/a/A/ | awk '{print NR, $0}'; mkdir -p x/y && mv d/1 x/y && rm -r x && [ ! -e x ] && touch -d @0 log && (sleep 0 & wait); kill -0 $$ && trap 'echo trapped' USR1 && kill -USR1 $$; cat none; echo $?`,
	},
	{
		name: "npm", needs: []string{"npm", "node"}, long: true, results: []string{"app/node_modules/dep/*"},
		files: map[string]string{
			"app/package.json": `{"name": "app", "version": "1.0.0", "dependencies": {"dep": "file:../dep"}}`,
			"dep/package.json": `{"name": "dep", "version": "1.0.0"}`, "dep/index.js": "module.exports = 7\n",
		},
		script: "export HOME=$PWD; cd app && npm install --offline --no-audit --no-fund --silent --no-update-notifier && node -e 'console.log(require(\"dep\"))'",
	},
	{
		name: "redis", needs: []string{"redis-server", "redis-cli", "redis-benchmark"}, long: true,
		script: honestRedis,
	},
	{
		name: "nginx", needs: []string{"nginx", "python3"}, long: true,
		files:  map[string]string{"nginx.conf": honestNginx, "load.py": honestLoad, "html/index.html": "hello\n", "tmp/x": ""},
		script: "nginx -p $PWD -e stderr -c nginx.conf & python3 -B load.py /tmp/strait-honest-nginx.sock; kill -QUIT $!; wait $!; echo $?",
	},
}

const honestRedis = `redis-server --port 0 --unixsocket $PWD/s --save '' --appendonly yes --dir $PWD --logfile log & server=$!
r() { redis-cli -s $PWD/s "$@"; }
until [ "$(r ping 2>/dev/null)" = PONG ]; do sleep 0.01; done
r set counter 1; r incr counter; r rpush list a b c; r lrange list 0 -1; r eval 'return redis.call("get", "counter")' 0
redis-benchmark -s $PWD/s -q -n 5000 -c 20 -P 4 -t set,get,lpush >/dev/null && echo loaded
r bgrewriteaof; r save; r wrongcommand; r shutdown nosave; wait $server; echo $?
redis-server --port 0 --unixsocket $PWD/s --save '' --appendonly yes --dir $PWD --logfile log & server=$!
until [ "$(r ping 2>/dev/null)" = PONG ]; do sleep 0.01; done
r get counter; r shutdown nosave; wait $server; echo $?
`

const honestPython = `import json, os, socket, subprocess, tempfile, threading
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
def serve():
    c, _ = s.accept()
    c.sendall(c.recv(100)[::-1])
    c.close()
t = threading.Thread(target=serve)
t.start()
c = socket.create_connection(s.getsockname())
c.sendall(b"hello")
got = c.recv(100).decode()
t.join()
a, b = socket.socketpair()
a.send(b"pair")
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 0))
u.sendto(b"datagram", u.getsockname())
out = subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True, text=True)
with tempfile.TemporaryDirectory() as d:
    with open(os.path.join(d, "f"), "w") as f:
        f.write("x" * 100000)
    size = os.stat(os.path.join(d, "f")).st_size
try:
    open("/nonexistent/file")
except OSError as e:
    error = e.errno
pid = os.fork()
if pid == 0:
    os._exit(5)
result = {"got": got, "pair": b.recv(9).decode(), "udp": u.recvfrom(99)[0].decode(), "out": [out.stdout, out.stderr, out.returncode],
    "size": size, "error": error, "child": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}
with open("out.json", "w") as f:
    json.dump(result, f)
print(result)
`

const honestNginx = `daemon off; worker_processes 2; pid nginx.pid; error_log stderr crit;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path tmp/b; proxy_temp_path tmp/p; fastcgi_temp_path tmp/f; uwsgi_temp_path tmp/u; scgi_temp_path tmp/s;
  server { listen unix:/tmp/strait-honest-nginx.sock; root html; }
}
`

const honestLoad = `import socket, sys, threading, time
def get(path):
    for i in range(3000):
        s = socket.socket(socket.AF_UNIX)
        try:
            s.connect(sys.argv[1])
            break
        except OSError:
            s.close()
            time.sleep(0.01)
    s.sendall(b"GET " + path + b" HTTP/1.0\r\n\r\n")
    b = b""
    while True:
        more = s.recv(65536)
        if not more:
            return b.split(b"\r\n")[0], b.endswith(b"hello\n")
        b += more
results = set()
def work():
    for i in range(100):
        results.add(get(b"/"))
        results.add(get(b"/none"))
ts = [threading.Thread(target=work) for _ in range(8)]
[t.start() for t in ts]
[t.join() for t in ts]
print(sorted(results))
`

// TestHonestPrograms: under what was learnt from them, programs do what they do
// without strait: output, exit status, files.
func TestHonestPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes more than ten seconds")
	}
	strait := builtStrait(t)
	for _, j := range honestJobs {
		t.Run(j.name, func(t *testing.T) { j.run(t, strait) })
	}
}

func (j *honestJob) run(t *testing.T, strait string) {
	for _, p := range j.needs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip(err)
		}
	}
	want := j.result(t)
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	learnt := ""
	for range 2 { // the second finds caches filled, and the like
		j.prepare(t, func(dir string) {
			c := exec.Command(strait, "learn", "-o", policy, "--", "sh", "job.sh")
			c.Dir = dir
			out, err := c.CombinedOutput()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			learnt = string(out)
		})
	}
	got := j.result(t, strait, "run", "--policy", policy, "--")
	if d := cmp.Diff(want, got); d != "" {
		rules, _ := os.ReadFile(policy)
		t.Errorf("without strait -, under the policy +:\n%s\nlearnt: %.2000s\n%.3000s", d, learnt, rules)
	}
}

// result runs the job, behind other words, in a new directory and returns what came
// of it, with DIR for the directory's name.
func (j *honestJob) result(t *testing.T, before ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	j.prepare(t, func(dir string) {
		words := append(before, "sh", "job.sh")
		c := exec.Command(words[0], words[1:]...)
		c.Dir = dir
		var stdout, stderr bytes.Buffer
		c.Stdout, c.Stderr = &stdout, &stderr
		err := c.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		out["status"] = c.ProcessState.String()
		out["output"] = strings.ReplaceAll(stdout.String(), dir, "DIR")
		if len(before) > 0 {
			t.Logf("standard error: %.1000s", stderr.String())
		}
		for _, pattern := range j.results {
			names, err := fs.Glob(os.DirFS(dir), pattern)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				out[name] = fileResult(t, filepath.Join(dir, name))
			}
		}
	})
	return out
}

// fileResult is what is to be the same about a file.
func fileResult(t *testing.T, name string) string {
	t.Helper()
	st, err := os.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	switch {
	case st.Mode().IsRegular():
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	case st.Mode()&fs.ModeSymlink != 0:
		if text, err = os.Readlink(name); err != nil {
			t.Fatal(err)
		}
	}
	return st.Mode().String() + " " + text
}

// prepare makes a directory with the job's files, for one run.
func (j *honestJob) prepare(t *testing.T, run func(dir string)) {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(top, "job") // nothing else is in the way to it
	files := map[string]string{"job.sh": j.script + "\n"}
	for name, text := range j.files {
		files[name] = text
	}
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run(dir)
}
