/**
 * The declaration of a model as a tree of records, and everything that is derived from the tree
 * before a weight is read: names, shapes, adapter targets, counts.
 */
@NullMarked
package dev.jlora.model.tree;

import org.jspecify.annotations.NullMarked;
