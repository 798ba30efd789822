package enforce

import (
	"os/exec"
	"testing"

	"strait/forkexec"
)

// waiters has threads wait in open, of a pipe that has a writer now and then, while the
// process gets signals that its main thread takes.
const waiters = `
import os, signal, threading, time
signal.signal(signal.SIGCHLD, lambda *a: None)
os.mkfifo('open/pipe')
errors = []
left = 4
def reads():
    global left
    while not over:
        try:
            os.close(os.open('open/pipe', os.O_RDONLY))
        except OSError as e:
            errors.append(e.errno)
    left -= 1
def writes():
    while left:
        time.sleep(0.01)
        try:
            fd = os.open('open/pipe', os.O_WRONLY | os.O_NONBLOCK)
            time.sleep(0.002)
            os.close(fd)
        except OSError:
            pass
over = False
threads = [threading.Thread(target=f) for f in [reads] * 4 + [writes]]
for t in threads:
    t.start()
for i in range(100):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    time.sleep(0.004)
over = True
for t in threads:
    t.join()
print(errors)
`

// TestSignalsOfOthers: a call that waits is not interrupted by a signal that another
// thread takes; it returned 512, which no program knows.
func TestSignalsOfOthers(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip(err)
	}
	dir := tree(t)
	got := under(t, Options{Policy: broad(t, dir)}, &forkexec.Cmd{Path: python, Args: []string{"python3", "-c", waiters}, Dir: dir})
	if got.out != "[]\n" || got.status != 0 {
		t.Error(&got)
	}
}
