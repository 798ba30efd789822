// A file that must not be read, and may be moved, is moved to where it may be read; and a
// directory with something in it to where nothing may be made.
#include "attack.h"

int main(void)
{
	honest();
	if (rename("secret/key", "open/moved") == 0 && is_secret(open("open/moved", O_RDONLY)))
		won("rename");
	if (syscall(SYS_renameat2, AT_FDCWD, "open/key", AT_FDCWD, "secret/key", 2 /* RENAME_EXCHANGE */) == 0 && is_secret(open("open/key", O_RDONLY)))
		won("RENAME_EXCHANGE");
	if (rename("secret", "moved") == 0 && is_secret(open("moved/key", O_RDONLY)))
		won("rename of its parent");
	must(mkdir("open/d", 0755));
	put("open/d/inside", "");
	if (rename("open/d", "locked") == 0)
		won("rename of what is full");
	// Where it stays out of reach it may be called otherwise.
	must(rename("secret/victim", "secret/victim2"));
	must(rename("secret/victim2", "secret/victim"));
	lost("%s", strerror(errno));
}
