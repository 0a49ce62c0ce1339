import type {
  Abortable,
  BulkWriteOptions,
  BulkWriteResult,
  Collection,
  CountDocumentsOptions,
  DeleteManyModel,
  DeleteOneModel,
  DeleteOptions,
  DeleteResult,
  Document,
  FindCursor,
  FindOneAndDeleteOptions,
  FindOneAndReplaceOptions,
  FindOneAndUpdateOptions,
  FindOneOptions,
  FindOptions,
  InsertManyResult,
  InsertOneOptions,
  InsertOneResult,
  ModifyResult,
  ObjectId,
  ReplaceOneModel,
  ReplaceOptions,
  Sort,
  UpdateManyModel,
  UpdateOneModel,
  UpdateOptions,
  UpdateResult,
  WithId,
  WithoutId,
} from 'mongodb';
import type { DocumentFilter } from './filter';
import type { DocumentUpdate } from './update';

/**
 * A document that may be inserted. The `_id` may be missing when its type includes ObjectId, since the driver then creates one.
 * @category Connecting
 */
export type DocumentToInsert<Type> = Type extends { _id: infer Id }
  ? ObjectId extends Id
    ? Omit<Type, '_id'> & { _id?: Id }
    : Type
  : Type;

type Update<Type> = DocumentUpdate<Type> | Document[];
type OneOptions = Omit<FindOneOptions, 'timeoutMode'> & Abortable;
type WithResult = { includeResultMetadata: true };
/** One of the driver's types for bulk write operations, with a typed filter and a typed update. */
type Typed<Model, Type> = Omit<Model, 'filter' | 'update'> & { filter: DocumentFilter<Type> } & (Model extends {
    update: unknown;
  }
    ? { update: Update<Type> }
    : unknown);

/**
 * One write of a bulk write.
 * @category Connecting
 */
export type TypedWrite<Type extends Document> =
  | { insertOne: { document: DocumentToInsert<Type> } }
  | { updateOne: Typed<UpdateOneModel<Type>, Type> }
  | { updateMany: Typed<UpdateManyModel<Type>, Type> }
  | { replaceOne: Typed<ReplaceOneModel<Type>, Type> }
  | { deleteOne: Typed<DeleteOneModel<Type>, Type> }
  | { deleteMany: Typed<DeleteManyModel<Type>, Type> };

/** The driver's methods that take a filter, an update or a document. */
type Checked =
  | 'insertOne'
  | 'insertMany'
  | 'bulkWrite'
  | 'updateOne'
  | 'updateMany'
  | 'replaceOne'
  | 'deleteOne'
  | 'deleteMany'
  | 'countDocuments'
  | 'find'
  | 'findOne'
  | 'findOneAndDelete'
  | 'findOneAndReplace'
  | 'findOneAndUpdate';

/** The methods listed in `Checked`, with filters, updates and documents that the compiler checks. */
interface CheckedMethods<Type extends Document> {
  insertOne(doc: DocumentToInsert<Type>, options?: InsertOneOptions): Promise<InsertOneResult<Type>>;
  insertMany(docs: readonly DocumentToInsert<Type>[], options?: BulkWriteOptions): Promise<InsertManyResult<Type>>;
  bulkWrite(operations: readonly TypedWrite<Type>[], options?: BulkWriteOptions): Promise<BulkWriteResult>;
  updateOne(
    filter: DocumentFilter<Type>,
    update: Update<Type>,
    options?: UpdateOptions & { sort?: Sort },
  ): Promise<UpdateResult<Type>>;
  updateMany(filter: DocumentFilter<Type>, update: Update<Type>, options?: UpdateOptions): Promise<UpdateResult<Type>>;
  replaceOne(
    filter: DocumentFilter<Type>,
    replacement: WithoutId<Type>,
    options?: ReplaceOptions,
  ): Promise<UpdateResult<Type>>;
  deleteOne(filter?: DocumentFilter<Type>, options?: DeleteOptions): Promise<DeleteResult>;
  deleteMany(filter?: DocumentFilter<Type>, options?: DeleteOptions): Promise<DeleteResult>;
  countDocuments(filter?: DocumentFilter<Type>, options?: CountDocumentsOptions & Abortable): Promise<number>;
  // `NoInfer`: the type of the result must not be inferred from the caller's variable.
  find<Found extends Document = WithId<Type>>(
    filter?: DocumentFilter<Type>,
    options?: FindOptions & Abortable,
  ): FindCursor<NoInfer<Found>>;
  findOne<Found = WithId<Type>>(filter?: DocumentFilter<Type>, options?: OneOptions): Promise<NoInfer<Found> | null>;
  findOneAndDelete(
    filter: DocumentFilter<Type>,
    options: FindOneAndDeleteOptions & WithResult,
  ): Promise<ModifyResult<Type>>;
  findOneAndDelete(filter: DocumentFilter<Type>, options?: FindOneAndDeleteOptions): Promise<WithId<Type> | null>;
  findOneAndReplace(
    filter: DocumentFilter<Type>,
    replacement: WithoutId<Type>,
    options: FindOneAndReplaceOptions & WithResult,
  ): Promise<ModifyResult<Type>>;
  findOneAndReplace(
    filter: DocumentFilter<Type>,
    replacement: WithoutId<Type>,
    options?: FindOneAndReplaceOptions,
  ): Promise<WithId<Type> | null>;
  findOneAndUpdate(
    filter: DocumentFilter<Type>,
    update: Update<Type>,
    options: FindOneAndUpdateOptions & WithResult,
  ): Promise<ModifyResult<Type>>;
  findOneAndUpdate(
    filter: DocumentFilter<Type>,
    update: Update<Type>,
    options?: FindOneAndUpdateOptions,
  ): Promise<WithId<Type> | null>;
}

/**
 * A collection of the driver whose filters, updates and inserted documents the compiler checks. A misspelt field or a value of the wrong
 * type is a compile error. At run time, the collection is the driver's own object. For a field that the model does not name, or where a
 * plain `Collection` is needed, use `db.collection('users')`.
 * @category Connecting
 */
export type TypedCollection<Type extends Document> = Omit<Collection<Type>, Checked> & CheckedMethods<Type>;
