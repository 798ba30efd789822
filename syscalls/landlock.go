package syscalls

// landlockAttr adds the struct landlock_ruleset_attr of arg[0] bytes that
// landlock_create_ruleset(2) takes.
func (d *Decoder) landlockAttr(v value, arg []uint64) {
	const least = 8 // handled_access_fs, the structure's first version
	if arg[0] < least {
		d.address(v.raw)
		return
	}
	d.paddedStruct(nmLandlockRulesetAttr, v.raw, clampInt(int64(arg[0])))
}
