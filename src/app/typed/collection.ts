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
 * What may be inserted: the driver makes an `_id` where it may be an ObjectId, and none is given.
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
/** An operation of the driver's, with our filter, and an update of ours where it has one. */
type Typed<Model, Type> = Omit<Model, 'filter' | 'update'> & { filter: DocumentFilter<Type> } & (Model extends {
    update: unknown;
  }
    ? { update: Update<Type> }
    : unknown);

/**
 * One write of several.
 * @category Connecting
 */
export type TypedWrite<Type extends Document> =
  | { insertOne: { document: DocumentToInsert<Type> } }
  | { updateOne: Typed<UpdateOneModel<Type>, Type> }
  | { updateMany: Typed<UpdateManyModel<Type>, Type> }
  | { replaceOne: Typed<ReplaceOneModel<Type>, Type> }
  | { deleteOne: Typed<DeleteOneModel<Type>, Type> }
  | { deleteMany: Typed<DeleteManyModel<Type>, Type> };

/** The methods of the driver's that take a filter, an update or a document. */
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

/** Those methods, with filters, updates and documents that the compiler checks. */
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
  // `NoInfer`: what is found never becomes what the caller would like it to be, unless that is written out.
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
 * A collection of the driver's, with which a misspelt field and a value of another type are errors to the compiler: in filters, in
 * updates and in what is inserted. It is no other object at run time. A field that the model does not name is written and looked for with the
 * driver's own, `db.collection('users')`, and what takes a `Collection` is given that.
 * @category Connecting
 */
export type TypedCollection<Type extends Document> = Omit<Collection<Type>, Checked> & CheckedMethods<Type>;
