// The newer mount calls: a detached copy of the directory, which has no name, and an
// overlay of it.
#include "attack.h"
#include <sys/mount.h>

static void overlay(void)
{
	char cwd[4096], lower[4200];
	must(getcwd(cwd, sizeof cwd) == NULL ? -1 : 0);
	snprintf(lower, sizeof lower, "%s/secret", cwd);
	int fs = syscall(SYS_fsopen, "overlay", 0);
	if (fs < 0)
		return;
	char both[8600];
	snprintf(both, sizeof both, "%s:%s/open", lower, cwd);
	syscall(SYS_fsconfig, fs, 1 /* SET_STRING */, "lowerdir", both, 0);
	syscall(SYS_fsconfig, fs, 6 /* CREATE */, NULL, NULL, 0);
	int mnt = syscall(SYS_fsmount, fs, 0, 0);
	if (mnt >= 0 && is_secret(openat(mnt, "key", O_RDONLY)))
		won("overlay");
}

int main(void)
{
	honest();
	if (geteuid() == 0 ? unshare(CLONE_NEWNS) != 0 : in_namespace(CLONE_NEWNS) != 0)
		skip("no namespaces: %s", strerror(errno));
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	int copy = syscall(SYS_open_tree, AT_FDCWD, "secret", 1 /* OPEN_TREE_CLONE */);
	if (copy >= 0) {
		if (is_secret(openat(copy, "key", O_RDONLY)))
			won("open_tree");
		if (syscall(SYS_move_mount, copy, "", AT_FDCWD, "open", 4 /* F_EMPTY_PATH */) == 0 && is_secret(open("open/key", O_RDONLY)))
			won("move_mount");
	}
	overlay();
	lost("%s", strerror(errno));
}
