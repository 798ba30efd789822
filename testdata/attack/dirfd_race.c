// Another thread changes what the directory's descriptor, or the file's, refers to.
// The first argument says which call it is done to.
#include "attack.h"

static int good, bad, used;

static void *flip(void *unused)
{
	(void)unused;
	while (!over) {
		dup2(bad, used);
		dup2(good, used);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	long n = tries(argc, argv), done = 0;
	int file = strcmp(argv[1], "fchmod") == 0;
	honest();
	good = must(open(file ? "open/key" : "open", O_RDONLY));
	bad = must(open(file ? "secret/victim" : "secret", O_RDONLY));
	used = must(dup(good));
	start(flip, NULL);
	for (long i = 0; i < n; i++) {
		struct stat st;
		if (file) {
			done += fchmod(used, 0640) == 0;
			must(stat("secret/victim", &st));
			if ((st.st_mode & 0777) == 0640)
				won("fchmod %ld", i);
			continue;
		}
		if (strcmp(argv[1], "unlinkat") == 0) {
			done += unlinkat(used, "key2", 0) == 0 || errno == ENOENT;
			unlinkat(used, "victim", 0);
			if (access("secret/victim", F_OK) != 0)
				won("unlinkat %ld", i);
			continue;
		}
		int fd = openat(used, "key", O_RDONLY);
		done += fd >= 0;
		if (is_secret(fd))
			won("openat %ld", i);
	}
	if (done == 0)
		broken("nothing was allowed");
	lost("0 of %ld", n);
}
