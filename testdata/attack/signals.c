// Signals to a process that is not the program's, by all calls that send some: also by
// those that only say who is to be told. A helper that the policy knows by its name
// stands for the other process.
#include "attack.h"
#include <sys/ioctl.h>

static void send_by(const char *how, pid_t pid)
{
	int s[2];
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	struct f_owner_ex o = {F_OWNER_PID, pid};
	if (strcmp(how, "kill") == 0)
		kill(pid, SIGUSR1);
	else if (strcmp(how, "group") == 0)
		kill(0, SIGUSR1);
	else if (strcmp(how, "tgkill") == 0)
		syscall(SYS_tgkill, pid, pid, SIGUSR1);
	else if (strcmp(how, "tkill") == 0)
		syscall(SYS_tkill, pid, SIGUSR1);
	else if (strcmp(how, "sigqueue") == 0)
		sigqueue(pid, SIGUSR1, (union sigval){0});
	else if (strcmp(how, "pidfd") == 0)
		syscall(SYS_pidfd_send_signal, syscall(SYS_pidfd_open, pid, 0), SIGUSR1, NULL, 0);
	else if (strcmp(how, "setown") == 0)
		fcntl(s[0], F_SETOWN, pid);
	else if (strcmp(how, "setown_ex") == 0)
		fcntl(s[0], F_SETOWN_EX, &o);
	else if (strcmp(how, "fiosetown") == 0)
		ioctl(s[0], FIOSETOWN, &pid);
	else if (strcmp(how, "siocspgrp") == 0)
		ioctl(s[0], SIOCSPGRP, &pid);
	else
		broken("what is %s?", how);
	int e = errno;
	fcntl(s[0], F_SETSIG, SIGUSR1);
	fcntl(s[0], F_SETFL, O_ASYNC);
	must(write(s[1], "x", 1));
	errno = e;
}

int main(int argc, char **argv)
{
	honest();
	if (argc < 2)
		broken("by which way?");
	sigset_t set, old;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	must(sigprocmask(SIG_BLOCK, &set, &old));
	if (strcmp(argv[1], "group") == 0)
		setpgid(0, 0);
	int p[2];
	must(pipe(p));
	pid_t pid = helper();
	if (pid == 0) { // tells whether it was told
		char c;
		close(p[1]);
		must(read(p[0], &c, 1));
		struct timespec none = {0};
		_exit(sigtimedwait(&set, NULL, &none) == SIGUSR1 ? WON : LOST);
	}
	send_by(argv[1], pid);
	int e = errno;
	must(write(p[1], "", 1));
	if (exited(pid) == WON)
		won("%s", argv[1]);
	lost("%s: %s", argv[1], strerror(e));
}
