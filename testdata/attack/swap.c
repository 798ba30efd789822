// A thread exchanges a directory on the way for a link to a forbidden one, under a
// call that changes names or attributes. The words never change, what they lead
// to does. The first argument says the call.
#include "attack.h"
#include <sys/xattr.h>

static void *flip(void *unused)
{
	(void)unused;
	while (!over)
		syscall(SYS_renameat2, AT_FDCWD, "work/d", AT_FDCWD, "work/link", 2 /* RENAME_EXCHANGE */);
	return NULL;
}

// Each makes the call on work/d/victim (or a new name beside it), puts work/d back
// as it was, and returns whether it was secret's.
static int gone(const char *name) { return access(name, F_OK) != 0 && errno == ENOENT; }

static int attempt(const char *what)
{
	if (strcmp(what, "unlink") == 0) {
		unlink("work/d/victim");
		put("work/real/victim", "x");
		return gone("secret/victim");
	}
	if (strcmp(what, "rename") == 0) {
		rename("work/d/victim", "work/moved");
		put("work/real/victim", "x");
		return gone("secret/victim");
	}
	if (strcmp(what, "rename_over") == 0) {
		put("work/new", "y");
		rename("work/d/victim", "work/moved");
		rename("work/new", "work/d/victim");
		put("work/real/victim", "x");
		return !begins(open("secret/victim", O_RDONLY), "alive");
	}
	if (strcmp(what, "mkdir") == 0) {
		mkdir("work/d/made", 0755);
		rmdir("work/real/made");
		return !gone("secret/made");
	}
	if (strcmp(what, "symlink") == 0) {
		if (symlink("x", "work/d/made") == 0)
			unlink("work/real/made");
		return !gone("secret/made") || readlink("secret/made", (char[4]){0}, 4) > 0;
	}
	if (strcmp(what, "link") == 0) {
		link("open/file", "work/d/made");
		unlink("work/real/made");
		return !gone("secret/made");
	}
	if (strcmp(what, "mknod") == 0) {
		mknod("work/d/made", S_IFIFO | 0644, 0);
		unlink("work/real/made");
		return !gone("secret/made");
	}
	struct stat st;
	if (strcmp(what, "chmod") == 0) {
		chmod("work/d/victim", 0600);
		return stat("secret/victim", &st) == 0 && (st.st_mode & 0777) == 0600;
	}
	if (strcmp(what, "utimes") == 0) {
		struct timespec t[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
		utimensat(AT_FDCWD, "work/d/victim", t, 0);
		return stat("secret/victim", &st) == 0 && st.st_mtime == 1;
	}
	if (strcmp(what, "truncate") == 0) {
		truncate("work/d/victim", 1);
		return stat("secret/victim", &st) == 0 && st.st_size == 1;
	}
	if (strcmp(what, "create") == 0) {
		close(open("work/d/made", O_CREAT | O_WRONLY, 0644));
		unlink("work/real/made");
		return !gone("secret/made");
	}
	if (strcmp(what, "open_trunc") == 0) {
		close(open("work/d/victim", O_RDONLY | O_TRUNC));
		return stat("secret/victim", &st) == 0 && st.st_size == 0;
	}
	if (strcmp(what, "setxattr") == 0) {
		setxattr("work/d/victim", "user.attack", "1", 1, 0);
		return getxattr("secret/victim", "user.attack", NULL, 0) == 1;
	}
	broken("what is %s?", what);
}

int main(int argc, char **argv)
{
	long n = tries(argc, argv);
	honest();
	// A directory cannot be watched and swapped by one name: d and link change
	// places, and real, which both lead to in turn, is where d's files are.
	must(mkdir("work", 0755));
	must(mkdir("work/real", 0755));
	must(symlink("real", "work/d"));
	must(symlink("../secret", "work/link"));
	put("work/real/victim", "xx");
	if (strcmp(argv[1], "setxattr") == 0 && setxattr("open/file", "user.attack", "1", 1, 0) != 0)
		skip("the file system has no extended attributes: %s", strerror(errno));
	start(flip, NULL);
	for (long i = 0; i < n; i++)
		if (attempt(argv[1]))
			won("%s %ld", argv[1], i);
	lost("0 of %ld", n);
}
