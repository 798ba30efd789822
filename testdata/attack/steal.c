// A helper that may read the secret, under a profile of its own, has it open. The
// descriptor is taken from it: by pidfd_getfd, and by way of /proc.
#include "attack.h"
#include <sys/uio.h>

static void reader(void)
{
	char c = 0;
	int fd = must(open("secret/key", O_RDONLY));
	must(dup2(fd, 50));
	must(write(1, &c, 1));
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	honest();
	if (argc > 1)
		reader();
	// Its own program under another name: that is what the policy knows it by.
	char b[65536];
	int from = must(open("/proc/self/exe", O_RDONLY)), to = must(open("reader", O_WRONLY | O_CREAT, 0755));
	for (ssize_t n; (n = must(read(from, b, sizeof b))) > 0;)
		must(write(to, b, n));
	close(to);
	int p[2];
	must(pipe(p));
	pid_t pid = helper();
	if (pid == 0) {
		must(dup2(p[1], 1));
		execl("reader", "reader", "read", NULL);
		broken("execve: %s", strerror(errno));
	}
	close(p[1]);
	if (read(p[0], b, 1) != 1)
		broken("the reader does not read");
	int pidfd = must(syscall(SYS_pidfd_open, pid, 0));
	if (is_secret(syscall(SYS_pidfd_getfd, pidfd, 50, 0)))
		won("pidfd_getfd");
	int e = errno;
	char name[64];
	snprintf(name, sizeof name, "/proc/%d/fd/50", pid);
	if (is_secret(open(name, O_RDONLY)))
		won("/proc/PID/fd");
	lost("pidfd_getfd: %s, open: %s", strerror(e), strerror(errno));
}
