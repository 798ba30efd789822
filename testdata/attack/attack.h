// What the programs of this directory share.
//
// Each tries one trick to get at something that the policy beside it forbids, in
// its working directory, where open/file and open/key are public, and secret/key
// is not to be read, secret/ not to be changed. It says "won", "lost" with the
// reason, or "skip" where the trick cannot be done on this machine at all; see
// policy/enforce/attack_test.go, which runs it without and with strait.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WON = 0, LOST = 1, BROKEN = 2, SKIP = 77 };

// say ends the program. It makes no call besides write and exit_group, so that a
// child that shares memory can use it too.
__attribute__((unused, noreturn)) static void say(int status, const char *word, const char *format, ...)
{
	char text[512];
	int n = snprintf(text, sizeof text, "%s: ", word);
	va_list ap;
	va_start(ap, format);
	n += vsnprintf(text + n, sizeof text - n - 1, format, ap);
	va_end(ap);
	if (n > (int)sizeof text - 2)
		n = sizeof text - 2;
	text[n++] = '\n';
	if (write(1, text, n) != n)
		status = BROKEN;
	_exit(status);
}

#define won(...) say(WON, "won", __VA_ARGS__)
#define lost(...) say(LOST, "lost", __VA_ARGS__)
#define skip(...) say(SKIP, "skip", __VA_ARGS__)
#define broken(...) say(BROKEN, "broken", __VA_ARGS__)

// must ends the program when what every run needs fails: then nothing is proved.
#define must(x)                                                                            \
	({                                                                                     \
		long must_ = (long)(x);                                                            \
		if (must_ == -1)                                                                   \
			broken("%s:%d: %s: %s", __FILE__, __LINE__, #x, strerror(errno));              \
		must_;                                                                             \
	})

// begins reports whether what a descriptor gives begins with text; it is closed.
__attribute__((unused)) static int begins(int fd, const char *text)
{
	char b[16] = "";
	if (fd < 0)
		return 0;
	ssize_t n = pread(fd, b, sizeof b - 1, 0);
	close(fd);
	return n > 0 && strncmp(b, text, strlen(text)) == 0;
}

// is_secret reports whether a descriptor gives the secret; it is closed.
__attribute__((unused)) static int is_secret(int fd) { return begins(fd, "SECRET"); }

// honest makes sure that the policy does not just deny everything.
__attribute__((unused)) static void honest(void)
{
	if (!begins(open("open/file", O_RDONLY), "public"))
		broken("open/file cannot be read: %s", strerror(errno));
}

// tries is how often a race is run: the program's last argument.
__attribute__((unused)) static long tries(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[argc - 1]) : 0;
	return n > 0 ? n : 1000;
}

// over is set when a race is run; who races looks at it.
__attribute__((unused)) static volatile int over;

// settled keeps what was written before it from being taken for unused.
#define settled() __asm__ volatile("" ::: "memory")

__attribute__((unused)) static pthread_t start(void *(*f)(void *), void *arg)
{
	pthread_t t;
	int e = pthread_create(&t, NULL, f, arg);
	if (e != 0)
		broken("pthread_create: %s", strerror(e));
	return t;
}

// helper forks a process that ends with this one.
__attribute__((unused)) static pid_t helper(void)
{
	pid_t parent = getpid(), pid = must(fork());
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
	}
	return pid;
}

// exited waits for a child and returns its status, or 128 and the signal.
__attribute__((unused)) static int exited(pid_t pid)
{
	int status = 0;
	while (waitpid(pid, &status, __WALL) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// put writes a file, or ends the program.
__attribute__((unused)) static void put(const char *name, const char *text)
{
	int fd = must(open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644));
	must(write(fd, text, strlen(text)));
	close(fd);
}

// puts_map writes one of the files of user_namespaces(7).
__attribute__((unused)) static int put_map(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY);
	if (fd < 0)
		return -1;
	ssize_t n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

// in_namespace goes into a user namespace of its own, as root there.
__attribute__((unused)) static int in_namespace(int more)
{
	char uid[64], gid[64];
	snprintf(uid, sizeof uid, "0 %d 1", (int)geteuid());
	snprintf(gid, sizeof gid, "0 %d 1", (int)getegid());
	if (unshare(CLONE_NEWUSER | more) != 0)
		return -1;
	put_map("/proc/self/setgroups", "deny");
	if (put_map("/proc/self/uid_map", uid) != 0 || put_map("/proc/self/gid_map", gid) != 0)
		return -1;
	return 0;
}
