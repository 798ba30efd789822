// Filters of the program's own: one that allows everything, one that traces, one that
// has notifications of its own, which would be asked instead of the supervisor.
#include "attack.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>

static int filter(unsigned action, unsigned flags)
{
	struct sock_filter f[] = {
		{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
		{BPF_JMP | BPF_JEQ | BPF_K, 2, 0, SYS_openat},
		{BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SYS_execve},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
		{BPF_RET | BPF_K, 0, 0, action},
	};
	struct sock_fprog p = {sizeof f / sizeof *f, f};
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p);
}

// serve lets everything go on, for a process that has asked for that.
static void *serve(void *arg)
{
	int fd = *(int *)arg;
	for (;;) {
		struct seccomp_notif n = {0};
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n) != 0)
			return NULL;
		struct seccomp_notif_resp r = {.id = n.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
		ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r);
	}
}

static void try(const char *how)
{
	pid_t pid = helper();
	if (pid == 0) {
		if (is_secret(syscall(SYS_openat, AT_FDCWD, "secret/key", O_RDONLY)))
			_exit(WON);
		char *argv[] = {"evil", NULL};
		syscall(SYS_execve, "secret/evil", argv, argv + 1);
		_exit(LOST);
	}
	if (exited(pid) == WON)
		won("%s", how);
}

int main(int argc, char **argv)
{
	honest();
	const char *how = argc > 1 ? argv[1] : "";
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	if (strcmp(how, "allow") == 0)
		must(filter(SECCOMP_RET_ALLOW, 0));
	else if (strcmp(how, "log") == 0)
		must(filter(SECCOMP_RET_LOG, 0));
	else if (strcmp(how, "listener") == 0) {
		int fd = filter(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
		if (fd >= 0)
			start(serve, &fd);
		else if (errno != EBUSY)
			lost("seccomp: %s", strerror(errno));
	} else
		broken("what is %s?", how);
	try(how);
	lost("%s", strerror(errno));
}
