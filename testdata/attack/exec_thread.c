// A thread executes: what is not allowed, and what is, whereupon it becomes another
// thread of another program, which tries.
#include "attack.h"

static void *run(void *arg)
{
	char **argv = arg;
	char *evil[] = {"evil", NULL};
	execve("secret/evil", evil, evil + 1);
	execve(argv[0], argv, argv + 2);
	broken("execve: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	honest();
	if (argc > 1) {
		char *evil[] = {"evil", NULL};
		if (is_secret(open("secret/key", O_RDONLY)))
			won("after execve from a thread");
		execve("secret/evil", evil, evil + 1);
		lost("%s", strerror(errno));
	}
	char *again[] = {"/proc/self/exe", "again", NULL};
	start(run, again);
	for (;;)
		pause();
}
