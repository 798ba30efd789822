// The directory that the rule names is called otherwise for a moment: itself, or
// one above it, or it changes places with another.
#include "attack.h"

int main(void)
{
	honest();
	if (rename("secret", "other") == 0) {
		if (is_secret(open("other/key", O_RDONLY)))
			won("rename");
		must(rename("other", "secret"));
	}
	must(mkdir("empty", 0755));
	if (syscall(SYS_renameat2, AT_FDCWD, "secret", AT_FDCWD, "empty", 2) == 0) {
		if (is_secret(open("empty/key", O_RDONLY)))
			won("RENAME_EXCHANGE");
		must(rename("empty", "secret"));
	}
	char cwd[4096], up[4200];
	if (getcwd(cwd, sizeof cwd) != NULL) {
		snprintf(up, sizeof up, "%s-moved", cwd);
		if (rename(cwd, up) == 0) {
			int got = is_secret(open("secret/key", O_RDONLY));
			must(rename(up, cwd));
			if (got)
				won("rename of the parent");
		}
	}
	lost("%s", strerror(errno));
}
