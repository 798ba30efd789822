// A child that asks for not being traced: by clone, by clone3, whose flags are in
// memory, and by clone3 while a thread puts the flag back.
#include "attack.h"

struct args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

static struct args racing = {.exit_signal = SIGCHLD};

static void *flip(void *unused)
{
	while (!over) {
		racing.flags = CLONE_UNTRACED;
		settled();
		racing.flags = 0;
		settled();
	}
	return unused;
}

// child tries what is forbidden: by name, and a call that only a tracer decides.
static void child(void)
{
	if (is_secret(open("secret/key", O_RDONLY)))
		_exit(WON);
	char *argv[] = {"evil", NULL};
	execve("secret/evil", argv, argv + 1);
	_exit(LOST);
}

int main(int argc, char **argv)
{
	long n = tries(argc, argv);
	honest();
	int race = strcmp(argv[1], "clone3_race") == 0;
	if (race)
		start(flip, NULL);
	for (long i = 0; i < n; i++) {
		struct args plain = {.flags = CLONE_UNTRACED, .exit_signal = SIGCHLD};
		long pid;
		if (strcmp(argv[1], "clone") == 0)
			pid = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);
		else
			pid = syscall(SYS_clone3, race ? &racing : &plain, sizeof plain);
		if (pid == 0)
			child();
		if (must(pid) && exited(pid) == WON)
			won("child %ld", i);
	}
	lost("%ld children", n);
}
