// What statements may not do: labels, switch, jumps, returns.
void nothing(void);
int ret_none(int x)
{
	if (x)
		return;           // error[c-return-type]: non-void function 'ret_none' should return a value
	return x;
}
void ret_some(int x)
{
	return x;                 // error[c-return-type]: void function 'ret_some' should not return a value
}
int jumps(int x)
{
	break;                    // error[c-break]: 'break' statement not in loop or switch statement
	continue;                 // error[c-break]: 'continue' statement not in loop statement
	case 1:                   // error[c-case]: 'case' statement not in switch statement
	default:                  // error[c-case]: 'default' statement not in switch statement
	goto nowhere;             // error[c-undeclared-label]: use of undeclared label 'nowhere'
twice:
	x++;
twice:                            // error[c-redefinition]: redefinition of label 'twice'
	return x;
}
int bad_switches(int x, int *p)
{
	switch (p) {              // error[c-switch]: statement requires expression of integer type ('int *' invalid)
	default:
		break;
	}
	switch (x) {
	case 1: /* not clang, which reports the earlier one for a range */
		break;
	case 1: /* not clang */   // error[c-duplicate-case]: duplicate case value '1'
		break;
	case 0 ... 3: /* not clang */ // error[c-duplicate-case]: duplicate case value '1'
		break;
	case x:                   // error[c-not-constant]: expression is not an integer constant expression
		break;
	default: /* not clang */
		break;
	default: /* not clang */  // error[c-duplicate-case]: multiple default labels in one switch
		break;
	}
	return x;
}
