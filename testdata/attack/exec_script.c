// As exec_swap, with two scripts of one interpreter: which program runs says
// nothing about which script does.
#include "attack.h"

static char *path;

static void *flip(void *unused)
{
	while (!over) {
		strcpy(path, "secret/evil.sh");
		settled();
		strcpy(path, "open/good.sh");
		settled();
	}
	return unused;
}

int main(int argc, char **argv)
{
	long n = tries(argc, argv), ran = 0;
	honest();
	path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	put("open/good.sh", "#!/bin/sh\nexit 0\n");
	must(chmod("open/good.sh", 0755));
	strcpy(path, "open/good.sh");
	start(flip, NULL);
	for (long i = 0; i < n; i++) {
		pid_t pid = must(vfork());
		if (pid == 0) {
			char *args[] = {"tool", NULL};
			execve(path, args, args + 1);
			_exit(LOST);
		}
		int got = exited(pid);
		ran += got == 0;
		if (got == 42)
			won("execve %ld", i);
	}
	if (ran == 0)
		broken("not even the allowed script was run");
	lost("0 of %ld", n);
}
