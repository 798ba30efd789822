// Another process writes into the memory of this one, where a word lies that the
// policy has judged: the first argument says by which way.
#include "attack.h"
#include <sys/ptrace.h>
#include <sys/uio.h>

static volatile long word = 1;

static int by_file(const char *format, pid_t a, pid_t b)
{
	char name[128];
	long two = 2;
	snprintf(name, sizeof name, format, a, b);
	int fd = open(name, O_RDWR);
	return fd >= 0 && pwrite(fd, &two, sizeof two, (off_t)(uintptr_t)&word) > 0;
}

static void change(const char *how, pid_t pid)
{
	long two = 2;
	if (strcmp(how, "writev") == 0) {
		struct iovec l = {&two, sizeof two}, r = {(void *)&word, sizeof two};
		process_vm_writev(pid, &l, 1, &r, 1, 0);
	} else if (strcmp(how, "mem") == 0) {
		if (by_file("/proc/%d/mem", pid, pid) || by_file("/proc/%d/task/%d/mem", pid, pid) ||
		    by_file("/proc/self/../%d/mem", pid, pid) || by_file("/proc/%d/root/proc/%d/mem", pid, pid))
			return;
		char name[64];
		snprintf(name, sizeof name, "/proc/%d/mem", pid);
		int fd = open(name, O_PATH);
		by_file("/proc/self/fd/%d", fd, 0);
		// A name for it elsewhere.
		if (symlink(name, "work") == 0)
			by_file("work", 0, 0);
	} else if (strcmp(how, "ptrace") == 0) {
		if (ptrace(PTRACE_ATTACH, pid, 0, 0) == 0) {
			waitpid(pid, NULL, __WALL);
			ptrace(PTRACE_POKEDATA, pid, (void *)&word, (void *)two);
			ptrace(PTRACE_DETACH, pid, 0, 0);
		}
	} else
		broken("what is %s?", how);
}

int main(int argc, char **argv)
{
	honest();
	if (argc < 2)
		broken("by which way?");
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	// The parent attacks: so it may where ptrace is restricted to descendants.
	int p[2], q[2];
	char c = 0;
	must(pipe(p));
	must(pipe(q));
	pid_t pid = helper();
	if (pid == 0) {
		must(write(p[1], &c, 1));
		must(read(q[0], &c, 1));
		_exit(word == 2 ? WON : LOST);
	}
	must(read(p[0], &c, 1));
	change(argv[1], pid);
	int e = errno;
	must(write(q[1], &c, 1));
	if (exited(pid) == WON)
		won("%s", argv[1]);
	lost("%s: %s", argv[1], strerror(e));
}
