// A child whose parent is the supervisor, or that has a pid of its own choice.
#include "attack.h"

struct args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

static void child(int to)
{
	char *argv[] = {"evil", NULL}, c = is_secret(open("secret/key", O_RDONLY)) ? 'w' : 'l';
	must(write(to, &c, 1));
	must(fcntl(to, F_SETFD, FD_CLOEXEC));
	execve("secret/evil", argv, argv + 1);
	_exit(0);
}

int main(void)
{
	int p[2];
	char c = 0, more;
	honest();
	if (getenv("STRAIT_ATTACKED") == NULL) { // there, it would be left to whoever runs this
		pid_t pid = must(fork());
		if (pid != 0)
			_exit(exited(pid));
	}
	must(pipe(p));
	struct args a = {.flags = CLONE_PARENT};
	for (int i = 0; i < 2; i++) {
		long pid = i == 0 ? syscall(SYS_clone, CLONE_PARENT, 0, 0, 0, 0) : syscall(SYS_clone3, &a, sizeof a);
		if (must(pid) == 0)
			child(p[1]);
		must(read(p[0], &c, 1));
		if (c == 'w')
			won("child %d", i);
	}
	close(p[1]);
	if (read(p[0], &more, 1) != 0)
		won("it ran");
	lost("%s", "nothing");
}
