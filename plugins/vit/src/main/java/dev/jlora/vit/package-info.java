/** ViT: what its config.json means, and its models, declared as trees of layers. */
@NullMarked
package dev.jlora.vit;

import org.jspecify.annotations.NullMarked;
