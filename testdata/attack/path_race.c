// A thread changes the path between the decision and the kernel's reading it.
#include "attack.h"

static char path[64] = "open/file\0\0";

static void *flip(void *unused)
{
	(void)unused;
	while (!over) {
		memcpy(path, "secret/key", 11);
		settled();
		memcpy(path, "open/file\0", 11);
		settled();
	}
	return NULL;
}

int main(int argc, char **argv)
{
	long n = tries(argc, argv), opened = 0;
	honest();
	start(flip, NULL);
	for (long i = 0; i < n; i++) {
		int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
		if (fd < 0)
			continue;
		opened++;
		if (is_secret(fd))
			won("open %ld", i);
	}
	if (opened == 0)
		broken("not even the public file was opened");
	lost("0 of %ld opens", n);
}
